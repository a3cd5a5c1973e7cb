// A machine for `denow` to make ready: a folder of stub commands that is its
// whole PATH, a fresh copy of the script, and a log of what was called. Nothing
// outside the temporary folder is read or changed, whatever the script decides.

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
  /** Commands that fail: `npm`, `apt-get install`, or `backports`. */
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
  run)
    case $(cat) in
      *navigator.gpu*) echo "ask gpu" >>"$WORLD/called"; cat "$WORLD/gpu" ;;
      *jsr.io*) echo "ask jsr" >>"$WORLD/called"; [ -e "$WORLD/jsr" ] ;;
    esac ;;
  exit) exit "$2" ;;
  *) echo "$* $DENO_WEBGPU_BACKEND $XDG_RUNTIME_DIR" ;;
esac
`;

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
    for (const name of ["bin", "world", "project/compat"]) {
      Deno.mkdirSync(join(this.folder, name), { recursive: true });
    }
    const script = fromFileUrl(new URL("../../denow", import.meta.url));
    Deno.copyFileSync(script, this.path("project/denow"));
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

  /** Runs `./denow` with these arguments and environment variables. */
  async start(
    args: readonly string[] = ["go"],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Start> {
    this.write("world/called", "");
    const output = await new Deno.Command("sh", {
      args: ["-c", 'PATH=$0 exec sh ./denow "$@"', this.path("bin"), ...args],
      cwd: this.path("project"),
      clearEnv: true,
      env: { WORLD: this.path("world"), ...env },
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

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
