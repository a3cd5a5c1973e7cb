// What `denow` runs, and with which permissions, on machines made of stub commands.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import {
  denowTest as test,
  type Machine,
  READY,
  type Start,
  succeeded,
} from "./support/denow_machine.ts";

/** What a start ran: the folder, how the program is called, and the arguments. */
function ran({ stdout }: Start): readonly string[] {
  return stdout.split("\n");
}

/** The paths after a flag such as `--allow-read`, named from the machine's folder. */
function allowed(start: Start, machine: Machine): Record<string, string[]> {
  const shown = (path: string): string =>
    path.replace(`${machine.folder}/`, "~");
  return Object.fromEntries(
    ran(start).flatMap((word) => {
      const [, flag, paths] = /^--allow-(read|write|run)=(.*)$/.exec(word) ??
        [];
      return flag ? [[flag, paths!.split(",").map(shown)]] : [];
    }),
  );
}

test(
  "denow runs a command by the flags of its task",
  READY,
  async (machine) => {
    const start = succeeded(await machine.start(["recipes", "a b", "*"]));
    const project = machine.path("project");
    assertEquals(ran(start), [
      `in ${project} as ./denow`,
      ...["run", "--no-prompt", "--config", `${project}/deno.json`],
      ...["--allow-env=FRPAT_PROGRAM", "--quiet"],
      ...[`${project}/cli.ts`, "recipes", "a b", "*"],
    ]);
    const again = await machine.start(["task", "recipes", "a b", "*"]);
    assertEquals(again.stdout, start.stdout);
  },
);

test("denow runs a command in the caller's folder", READY, async (machine) => {
  const call = { cwd: "home", script: "../project/denow" };
  const [where, ...words] = ran(succeeded(await machine.start(["info"], call)));
  assertEquals(where, `in ${machine.path("home")} as ../project/denow`);
  assert(words.includes(`${machine.path("project")}/cli.ts`), `${words}`);
});

test(
  "denow runs another task in the checkout, on the caller's files",
  READY,
  async (machine) => {
    const call = { cwd: "home", script: "../project/denow" };
    machine.write("home/a_test.ts", "");
    const words = ["test", "a_test.ts", "--filter", "none", "/b"];
    const start = succeeded(await machine.start(words, call));
    assertEquals(ran(start), [
      `in ${machine.path("home")} as `,
      ...["task", "--quiet", "--config", machine.path("project/deno.json")],
      ...["test", machine.path("home/a_test.ts"), "--filter", "none", "/b"],
    ]);
  },
);

test("denow has a name for every task", READY, async (machine) => {
  const { tasks } = JSON.parse(machine.read("project/deno.json"));
  for (const task of Object.keys(tasks)) {
    const words = ran(succeeded(await machine.start([task])));
    assert(words.includes(task), `${task}: ${words}`);
    const known = words.includes("task") ||
      words.includes(machine.path("project/cli.ts"));
    assert(known, `${task}: ${words}`);
  }
});

for (const words of [[], ["help"], ["--help"], ["-h"]]) {
  test(`denow ${words.join(" ")} prints help`, READY, async (machine) => {
    const { stdout } = succeeded(await machine.start(words));
    assertStringIncludes(stdout, "/cli.ts\n--help\n");
    assertStringIncludes(stdout, "./denow test runs every test");
  });
}

test(
  "denow has the program refuse a word that nobody knows",
  READY,
  async (machine) => {
    const words = ran(succeeded(await machine.start(["trian"])));
    assertEquals(words.slice(-2), [machine.path("project/cli.ts"), "trian"]);
  },
);

test(
  "denow tells the program how it was called at first",
  READY,
  async (machine) => {
    const env = { FRPAT_PROGRAM: "./denow" };
    const call = { cwd: "home", script: "../project/tools/train.sh", env };
    Deno.chmodSync(machine.path("project/denow"), 0o755);
    const [where, ...words] = ran(succeeded(await machine.start(["a"], call)));
    assertEquals(where, `in ${machine.path("home")} as ./denow`);
    assertEquals(words.slice(-2), ["train", "a"]);
  },
);

Deno.test({
  name: "the scripts of denow are those of any POSIX shell",
  ignore: Deno.build.os === "windows",
}, async () => {
  const scripts =
    "denow .ci/run tools/permissions.sh tools/run.sh tools/train.sh".split(" ");
  for (const script of scripts) {
    const path = fromFileUrl(new URL(`../${script}`, import.meta.url));
    assert(
      (await Deno.readTextFile(path)).includes("\nset -eu") ||
        script.startsWith("tools/"),
      `${script} does not stop at errors`,
    );
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-n", path],
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], script);
  }
});

// Permissions

/** The paths that a command may read and write besides those of every command. */
const PATHS: readonly [words: string, read: string[], write: string[]][] = [
  ["train", ["runs"], ["runs"]],
  ["train shapes/trades --out x", ["shapes/trades", "x"], ["x"]],
  ["train --data=../set --out=x.1", ["../set", "x.1"], ["x.1"]],
  ["train --resume --out /a/b", ["/a/b"], ["/a/b"]],
  ["train --set teacher.from=/w.pt", ["/w.pt", "runs"], ["runs"]],
  ["train --out a/b,c/d", ["a"], ["a"]],
  ["train --out a\\nb", ["a\\nb"], ["a\\nb"]],
  ["sweep * --seeds 1,2 --out x", ["*", "x"], ["x"]],
  ["sweep * --set objective.beta=1,2 --out x", ["*", "x"], ["x"]],
  ["evaluate run --attack clean,pgd", ["run"], ["run"]],
  ["evaluate /w/x.pt --out c/x.json", ["/w", "c"], ["/w", "c"]],
  ["evaluate x.pt", ["."], ["."]],
  ["evaluate run --source other --corruptions=c", ["run", "other", "c"], [
    "run",
  ]],
  ["evaluate none --limit 5", ["none", "5"], []],
  ["figures run --data set", ["run", "set"], ["run"]],
  ["report run other --out /p.html", ["run", "other", "/"], [
    "run",
    "other",
    "/",
  ]],
  ["export run x.safetensors", ["run", "."], ["run", "."]],
  ["relations run other", ["run", "other"], []],
];

for (const [words, read, write] of PATHS) {
  test(`denow lets "${words}" use what it names`, READY, async (machine) => {
    for (const name of ["run", "other"]) {
      Deno.mkdirSync(machine.path(`project/${name}`));
    }
    const start = succeeded(await machine.start(words.split(" ")));
    const { read: reads = [], write: writes } = allowed(start, machine);
    const own = ["~project", "~home/.cache/deno", "~home/.cache/frpat"];
    assertEquals(reads, [...own, ...read]);
    const writing = !words.startsWith("relations");
    assertEquals(
      writes,
      writing ? ["~home/.cache/frpat", ...write] : undefined,
    );
  });
}

test("denow finds the caches where the system has them", {
  ...READY,
  system: "Darwin",
}, async (machine) => {
  const own = async (env: Record<string, string>): Promise<string[]> => {
    const start = succeeded(await machine.start(["relations"], { env }));
    return allowed(start, machine)["read"]!.slice(1);
  };
  const library = "~home/Library/Caches";
  assertEquals(await own({}), [`${library}/deno`, `${library}/frpat`]);
  const env = { DENO_DIR: machine.path("deno") };
  assertEquals(await own(env), ["~deno", `${library}/frpat`]);
  machine.write("world/system", "Linux");
  const cache = { XDG_CACHE_HOME: machine.path("c") };
  assertEquals(await own(cache), ["~c/deno", "~c/frpat"]);
});

test(
  "denow lets a worktree read the commit of its repository",
  READY,
  async (machine) => {
    machine.write("project/.git", "gitdir: /r/.git/worktrees/x\n");
    const start = succeeded(await machine.start(["relations"]));
    assertEquals(allowed(start, machine)["read"]?.[1], "/r/.git");
  },
);

test(
  "denow lets a sweep start what trains, and nothing else",
  READY,
  async (machine) => {
    const start = succeeded(await machine.start(["sweep", "shapes/*"]));
    assertEquals(allowed(start, machine)["run"], ["~project/tools/train.sh"]);
  },
);

test(
  "denow lets a sweep start sbatch where it is told to use Slurm",
  READY,
  async (machine) => {
    const words = ["sweep", "shapes/*", "--slurm", "--slurm-options"];
    const start = succeeded(await machine.start([...words, "--time=5 -N1"]));
    assertEquals(allowed(start, machine)["run"], [
      "~project/tools/train.sh",
      "sbatch",
    ]);
  },
);

test(
  "denow puts the linker's variables aside, and training gets them back",
  READY,
  async (machine) => {
    const deno = machine.read("bin/deno");
    machine.write(
      "bin/deno",
      deno.replace("\n", '\ncase "$*" in run*cli.ts*) env | sort ;; esac\n'),
    );
    machine.write(
      "project/linked",
      'export LD_LIBRARY_PATH="/a b:/c"\nexec sh ./denow "$@"\n',
    );
    const variables = (start: Start): string[] =>
      ran(start).filter((line) => line.includes("LD_LIBRARY_PATH="));
    const words = ["sweep", "shapes/*"];
    const sweep = await machine.start(words, { script: "./linked" });
    assertEquals(variables(sweep), ["FRPAT_LD_LIBRARY_PATH=/a b:/c"]);
    const env = { FRPAT_LD_LIBRARY_PATH: "/a b:/c" };
    const train = await machine.start([], { env, script: "tools/train.sh" });
    assertEquals(variables(train), [
      "FRPAT_LD_LIBRARY_PATH=/a b:/c",
      "LD_LIBRARY_PATH=/a b:/c",
    ]);
  },
);

test("denow gives no command all paths or programs", READY, async (machine) => {
  const { tasks } = JSON.parse(machine.read("project/deno.json"));
  for (const task of Object.keys(tasks)) {
    const words = ran(await machine.start([task]));
    if (words.includes("task")) continue;
    const broad = words.filter((word) => /^(-A|--allow-\w+)$/.test(word));
    assertEquals(broad, [], task);
  }
});
