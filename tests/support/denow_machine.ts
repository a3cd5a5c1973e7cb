// A machine for `denow` to make ready: a folder of stub commands that is its
// whole PATH, a fresh copy of the script and of what it sources, and a log of what
// was called. Nothing outside the temporary folder is read or changed, whatever the
// script decides.

import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

/** What the machine has, and how its commands answer. */
export interface MachineOptions {
  /** The version of the Deno on PATH; null where there is none. */
  readonly deno?: string | null;
  /** The adapter that answers before anything is installed. */
  readonly gpu?: string;
  readonly jsr?: boolean;
  /** Commands that the machine lacks, such as `npm`. */
  readonly without?: readonly string[];
  /** The version of Mesa that the machine's apt sources have. */
  readonly mesa?: string;
  /** What `apt-get indextargets` prints: mirrors and releases. */
  readonly targets?: string;
  /** What fails: `npm`, `apt-get install`, `backports`, or `packages`. */
  readonly broken?: readonly string[];
  readonly user?: "root" | "somebody";
  readonly system?: "Linux" | "Darwin";
}

/** How a start ended. */
export interface Start {
  readonly code: number;
  readonly stdout: string;
  /** The lines on stderr, without the script's name. */
  readonly said: readonly string[];
  /** The commands called, without those that only look. */
  readonly called: readonly string[];
}

/** The real commands that the script may use. */
const REAL = [
  ..."cat chmod env flock ln mkdir mv rm sed sh sleep sort".split(" "),
];

const RECORD = `echo "\${0##*/} $*" >>"$WORLD/called"`;

const DENO = `#!/bin/sh
case $1 in
  -V) echo "deno VERSION" ;;
  --help) printf 'Commands:\\n'; printf '  %s  …\\n' go exit ;;
  cache)
    echo "install packages" >>"$WORLD/called"
    [ ! -e "$WORLD/broken packages" ] || { echo "error: offline" >&2; exit 1; }
    mkdir -p "\${DENO_DIR:-$HOME/.cache/deno}" ;;
  run) case $* in
    *" -") case $(cat) in
      *navigator.gpu*) echo "ask gpu" >>"$WORLD/called"; cat "$WORLD/gpu" ;;
      *jsr.io*) echo "ask jsr" >>"$WORLD/called"; [ -e "$WORLD/jsr" ] ;;
    esac ;;
    *) printf '%s\\n' "in $PWD as $FRPAT_PROGRAM" "$@" ;;
  esac ;;
  task) printf '%s\\n' "in $PWD as \${FRPAT_PROGRAM-}" "$@" ;;
  exit) exit "$2" ;;
  *) echo "$* $DENO_WEBGPU_BACKEND $XDG_RUNTIME_DIR" ;;
esac
`;

/** The parts of the checkout that the script needs. */
const PARTS = [
  "denow",
  "deno.json",
  ..."permissions.sh run.sh train.sh"
    .split(" ").map((name) => `tools/${name}`),
];

/** How the script is called, if not by `./denow` in the project's folder. */
export interface Call {
  readonly env?: Readonly<Record<string, string>>;
  /** The folder in which it is called, relative to the machine's. */
  readonly cwd?: string;
  /** The script as it is written there. */
  readonly script?: string;
}

const STUBS: Readonly<Record<string, string>> = {
  npm: `#!/bin/sh
${RECORD}
[ ! -e "$WORLD/broken npm" ] || exit 1
folder=$3/node_modules/@deno/system
mkdir -p "$folder"
sleep 0.2
sed s/VERSION/2.9.6/ "$WORLD/deno" >"$folder/deno"
chmod +x "$folder/deno"
`,
  "apt-get": `#!/bin/sh
case $1 in indextargets)
  case "$*" in
    *'$(REPO_URI) $(CODENAME) '*'Origin: Debian'*) cat "$WORLD/targets" ;;
  esac
  exit ;;
esac
${RECORD}
case "$DEBIAN_FRONTEND $*" in
  *SourceList*) cat "\${WORLD%/*}/project/.deno/apt.list" >>"$WORLD/sources"
    [ ! -e "$WORLD/broken backports" ] || exit 100 ;;
esac
case "$DEBIAN_FRONTEND $*" in
  "noninteractive "*" install "*mesa-vulkan-drivers)
    [ ! -e "$WORLD/broken apt-get install" ] || exit 100
    echo "llvmpipe" >"$WORLD/gpu" ;;
esac
`,
  "apt-cache": `#!/bin/sh
cat "$WORLD/policy"
`,
  "dpkg-query": `#!/bin/sh
echo "mesa-vulkan-drivers 1.0"
`,
  id: `#!/bin/sh
cat "$WORLD/id"
`,
  sudo: `#!/bin/sh
${RECORD}
exec "$@"
`,
  uname: `#!/bin/sh
cat "$WORLD/system"
`,
};

/** The machine, in a folder of its own. Remove it with `dispose()`. */
export class Machine {
  readonly folder: string;

  constructor(options: MachineOptions = {}) {
    const { deno = "2.9.6", gpu, without = [], broken = [] } = options;
    this.folder = Deno.makeTempDirSync({ prefix: "denow_test_" });
    for (const name of ["bin", "home", "world", "project/compat"]) {
      Deno.mkdirSync(join(this.folder, name), { recursive: true });
    }
    Deno.mkdirSync(this.path("project/tools"));
    for (const name of PARTS) {
      const part = fromFileUrl(new URL(`../../${name}`, import.meta.url));
      Deno.copyFileSync(part, this.path(`project/${name}`));
    }
    for (const name of REAL) this.#link(name);
    for (const [name, text] of Object.entries(STUBS)) {
      if (!without.includes(name)) this.#command(name, text);
    }
    if (deno !== null) this.#command("deno", DENO.replace("VERSION", deno));
    this.write("world/deno", DENO);
    if (gpu !== undefined) this.write("world/gpu", gpu);
    if (options.jsr) this.write("world/jsr", "");
    for (const name of broken) this.write(`world/broken ${name}`, "");
    this.write("world/policy", `  Candidate: ${options.mesa ?? "25.0.7-2"}\n`);
    this.write("world/targets", options.targets ?? "");
    this.write("world/id", options.user === "somebody" ? "1000" : "0");
    this.write("world/system", options.system ?? "Linux");
  }

  /** Runs `denow` with these arguments. */
  async start(
    args: readonly string[] = ["go"],
    { env = {}, cwd = "project", script = "./denow" }: Call = {},
  ): Promise<Start> {
    this.write("world/called", "");
    const output = await new Deno.Command("sh", {
      args: ["-c", 'PATH=$0 exec sh "$@"', this.path("bin"), script, ...args],
      cwd: this.path(cwd),
      clearEnv: true,
      env: { HOME: this.path("home"), WORLD: this.path("world"), ...env },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout).trim(),
      said: lines(decoder.decode(output.stderr).replaceAll("denow: ", "")),
      called: lines(this.read("world/called")),
    };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(this.path(name), text);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }

  #command(name: string, text: string): void {
    this.write(`bin/${name}`, text);
    Deno.chmodSync(this.path(`bin/${name}`), 0o755);
  }

  /** Puts a real command on the machine's PATH, where this system has it. */
  #link(name: string): void {
    for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
      try {
        const real = Deno.realPathSync(join(folder, name));
        Deno.symlinkSync(real, this.path(`bin/${name}`));
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}

/** A test on one machine. Windows has no sh. */
export function denowTest(
  name: string,
  options: MachineOptions,
  check: (machine: Machine) => Promise<void>,
): void {
  const ignore = Deno.build.os === "windows";
  Deno.test({ name, ignore }, async () => {
    using machine = new Machine(options);
    await check(machine);
  });
}

/** Fails unless the start went well. */
export function succeeded(start: Start): Start {
  assertEquals(start.code, 0, start.said.join("\n"));
  return start;
}

/** A machine that lacks nothing. */
export const READY: MachineOptions = { gpu: "a GPU", jsr: true };

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
