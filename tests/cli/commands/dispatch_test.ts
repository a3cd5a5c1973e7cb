// The way from words to a command, with a small command of its own.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import type { Command } from "../../../src/cli/commands/command.ts";
import { dispatch } from "../../../src/cli/commands/dispatch.ts";
import { COMMANDS } from "../../../src/cli/commands/mod.ts";
import { EXIT, UserError } from "../../../src/base/errors.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";

const GREET: Command = {
  name: "greet",
  about: "Greet somebody",
  argument: { name: "NAME", required: false, about: "whom to greet" },
  options: [
    { name: "times", value: "N", about: "How often" },
    { name: "title", value: "KEY=VALUE", many: true, about: "Titles to use" },
    { name: "loud", about: "Whether to shout" },
    { name: "wait", value: "S", isOptional: true, about: "Wait before" },
  ],
  examples: ["greet Ada --loud"],
  run(invocation, terminal) {
    terminal.print(JSON.stringify({
      argument: invocation.argument ?? null,
      times: invocation.whole("times", { least: 1 }) ?? null,
      titles: invocation.values("title"),
      loud: invocation.flag("loud"),
      ...invocation.value("wait") === undefined
        ? {}
        : { wait: invocation.value("wait") || "as long as usual" },
    }));
    return Promise.resolve(EXIT.done);
  },
};

const FAIL: Command = {
  name: "fail",
  about: "Fail",
  argument: { name: "HOW", required: true, about: "in which way" },
  options: [],
  examples: [],
  run: ({ argument }) =>
    Promise.reject(
      argument === "pipe"
        ? new Deno.errors.BrokenPipe("nobody reads")
        : argument?.startsWith("/")
        ? new Deno.errors.NotCapable(
          `Requires all access to "${argument}/x", run again with the --allow-all flag`,
        )
        : argument === "bug"
        ? new TypeError("x is not a function")
        : new UserError("Cannot read x: expected a file but found none"),
    ),
};

const MEET: Command = {
  name: "meet",
  about: "Meet several people",
  argument: { name: "NAME", required: true, many: true, about: "whom to meet" },
  options: [],
  examples: [],
  run({ args }, terminal) {
    terminal.print(args.join("+"));
    return Promise.resolve(EXIT.done);
  },
};

/** What a command line prints, and the exit code. */
async function run(
  line: string,
  commands: readonly Command[] = [GREET, FAIL],
): Promise<{ out: string; err: string; code: number }> {
  const { terminal, out, err } = recordedTerminal(null);
  const code = await dispatch(line.split(" ").filter(Boolean), {
    commands,
    parse: (words, options) => parseArgs([...words], options),
    terminal,
  });
  return { out: out(), err: err(), code };
}

const UNDERSTOOD: readonly [line: string, expected: object][] = [
  ["greet", { argument: null, times: null, titles: [], loud: false }],
  ["greet Ada", { argument: "Ada", times: null, titles: [], loud: false }],
  ["greet --loud Ada", {
    argument: "Ada",
    times: null,
    titles: [],
    loud: true,
  }],
  ["greet 7 --times 3", { argument: "7", times: 3, titles: [], loud: false }],
  ["greet --times=2 --times=3", {
    argument: null,
    times: 3,
    titles: [],
    loud: false,
  }],
  ["greet --title a=b --title=c=d", {
    argument: null,
    times: null,
    titles: ["a=b", "c=d"],
    loud: false,
  }],
  ["greet --wait Ada", {
    argument: "Ada",
    times: null,
    titles: [],
    loud: false,
    wait: "as long as usual",
  }],
  ["greet --wait=7", {
    argument: null,
    times: null,
    titles: [],
    loud: false,
    wait: "7",
  }],
  ["greet --title a=1 b.c=2 Ada", {
    argument: "Ada",
    times: null,
    titles: ["a=1", "b.c=2"],
    loud: false,
  }],
  ["greet --title=a=1 b=2 --loud runs/x=3", {
    argument: "runs/x=3",
    times: null,
    titles: ["a=1", "b=2"],
    loud: true,
  }],
];

for (const [line, expected] of UNDERSTOOD) {
  Deno.test(`dispatch() understands "${line}"`, async () => {
    const { out, err, code } = await run(line);
    assertEquals([JSON.parse(out), err, code], [expected, "", EXIT.done]);
  });
}

Deno.test("dispatch() gives a command all words where it takes several", async () => {
  const { out } = await run("meet Ada 7", [MEET]);
  assertEquals(out, "Ada+7\n");
  const { out: help } = await run("meet --help", [MEET]);
  assertStringIncludes(help, "deno task meet NAME… [OPTION]…");
  const { err, code } = await run("meet", [MEET]);
  assertEquals(code, EXIT.misused);
  assertStringIncludes(err, "expected NAME (whom to meet) but found nothing");
});

Deno.test("dispatch() says which word named a path that Deno refuses", async () => {
  const { err, code } = await run("fail /proc/foo");
  assertEquals(code, EXIT.failed);
  assertEquals(
    err,
    "Cannot use /proc/foo: expected a place for files but found one of the " +
      "operating system's own\n",
  );
});

const MISUNDERSTOOD: readonly [line: string, message: string][] = [
  ["", "expected one of the commands greet, fail but found none"],
  ["gret", "but found gret; did you mean greet?"],
  ["greet --tmies 3", "but found --tmies; did you mean --times?"],
  ["greet --tmies=3", "but found --tmies; did you mean --times?"],
  ["greet -x", "--title, --loud, --wait, --help but found -x"],
  ["greet --times", "Cannot run greet: expected --times N but found no value"],
  ["greet --times --loud", "expected --times N but found no value"],
  ["greet --title a --title", "expected --title KEY=VALUE but found no value"],
  ["greet --times 0", "Cannot use --times 0: expected a whole number of at"],
  ["greet --times 1.5", "at least 1 but found 1.5"],
  ["greet --times 1e3", "at least 1 but found 1e3"],
  ["greet Ada Grace", "expected one NAME but found Grace as well"],
  ["fail", "Cannot run fail: expected HOW (in which way) but found nothing"],
];

for (const [line, message] of MISUNDERSTOOD) {
  Deno.test(`dispatch() refuses "${line}": ${message}`, async () => {
    const { out, err, code } = await run(line);
    assertEquals([out, code], ["", EXIT.misused]);
    assertStringIncludes(err, message);
    assert(!err.includes("    at "), "there is a stack trace");
  });
}

Deno.test("dispatch() says where help is after a misused command", async () => {
  const { err } = await run("greet --tmies");
  assert(err.endsWith("\ndeno task greet --help says what it takes\n"), err);
});

Deno.test("dispatch() prints one line for a user's mistake and a stack for its own", async () => {
  const mistake = await run("fail any");
  assertEquals(mistake, {
    out: "",
    err: "Cannot read x: expected a file but found none\n",
    code: EXIT.failed,
  });
  const bug = await run("fail bug");
  assertEquals(bug.code, EXIT.failed);
  assertStringIncludes(bug.err, "TypeError: x is not a function\n    at ");
});

Deno.test("dispatch() is silent where nobody reads any more", async () => {
  assertEquals(await run("fail pipe"), {
    out: "",
    err: "",
    code: EXIT.failed,
  });
});

Deno.test("dispatch() lists the commands for --help, -h and help", async () => {
  for (const line of ["--help", "-h", "help"]) {
    const { out, code } = await run(line);
    assertEquals(code, EXIT.done);
    assertStringIncludes(out, "  greet [NAME]  Greet somebody\n");
    assertStringIncludes(out, "  fail HOW      Fail\n");
  }
});

Deno.test("dispatch() explains one command, whatever else is wrong", async () => {
  for (const line of ["greet --help", "greet -h", "greet --tmies --help a b"]) {
    assertEquals(await run(line), {
      out: [
        "Greet somebody.",
        "",
        "Usage: deno task greet [NAME] [OPTION]…",
        "",
        "  NAME                 whom to greet",
        "  --times N            How often",
        "  --title KEY=VALUE …  Titles to use",
        "  --loud               Whether to shout",
        "  --wait[=S]           Wait before",
        "  --help               Show this text",
        "",
        "Examples:",
        "  deno task greet Ada --loud",
        "",
      ].join("\n"),
      err: "",
      code: EXIT.done,
    });
  }
});

Deno.test("COMMANDS have help that fits a terminal, and a task each", async () => {
  const config = JSON.parse(
    await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)),
  );
  for (const { name } of COMMANDS) {
    const { out, code } = await run(`${name} --help`, COMMANDS);
    assertEquals(code, EXIT.done);
    const [options, examples] = out.split("Examples:");
    for (const line of options!.split("\n")) {
      assert(line.length <= 80, `${line.length} characters: ${line}`);
    }
    for (const line of examples!.split("\n")) {
      assert(line.length <= 100, `${line.length} characters: ${line}`);
    }
    assertStringIncludes(config.tasks[name].command, `cli.ts ${name}`);
  }
});

Deno.test("COMMANDS show examples that they understand", async () => {
  for (const command of COMMANDS) {
    assert(command.examples.length > 0, command.name);
    const quiet = { ...command, run: () => Promise.resolve(EXIT.done) };
    for (const example of command.examples) {
      const { err, code } = await run(example, [quiet]);
      assertEquals([err, code], ["", EXIT.done], example);
    }
  }
});
