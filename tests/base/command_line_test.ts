import { assertEquals } from "@std/assert";
import { commandLine } from "../../src/base/command_line.ts";

Deno.test("commandLine() begins with deno task where nobody says otherwise", () => {
  assertEquals(commandLine("train"), "deno task train");
  assertEquals(
    commandLine("train <RECIPE>", ["--out", "a b", "it's", "runs/x-1"]),
    "deno task train <RECIPE> --out 'a b' 'it'\\''s' runs/x-1",
  );
});

/** What a process prints that was started with a value of FRPAT_PROGRAM. */
async function printed(program: string, flags: string[]): Promise<string> {
  const module = new URL("../../src/base/command_line.ts", import.meta.url);
  const text = `import { commandLine } from ${JSON.stringify(module)};
    console.log(commandLine("train", ["--resume"]));`;
  const url = `data:text/typescript,${encodeURIComponent(text)}`;
  const { stdout } = await new Deno.Command("deno", {
    args: ["run", "--no-config", "--no-prompt", ...flags, url],
    env: { FRPAT_PROGRAM: program },
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("commandLine() begins as denow was called", async () => {
  const flags = ["--allow-env=FRPAT_PROGRAM"];
  const line = "train --resume";
  assertEquals(await printed("./denow", flags), `./denow ${line}`);
  assertEquals(await printed("../a b/denow", flags), `'../a b/denow' ${line}`);
  assertEquals(await printed("", flags), `deno task ${line}`);
  assertEquals(await printed("./denow", []), `deno task ${line}`);
});
