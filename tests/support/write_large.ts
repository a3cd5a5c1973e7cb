// A program for atomic_write_test.ts: replaces the file in the folder that it is
// given by four million bytes, and prints what the error said and what was left.

import { writeAtomically } from "../../src/base/atomic_write.ts";

const [folder = ""] = Deno.args;
const path = `${folder}/file`;
let message = "no error";
try {
  await writeAtomically(path, new Uint8Array(4_000_000).fill(2));
} catch (error) {
  message = (error as Error).message;
}
const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
const content = (await Deno.readTextFile(path)).slice(0, 10);
const report = JSON.stringify({ message, names, content });
await Deno.stdout.write(new TextEncoder().encode(report));
