// Reads files as an evaluation would, in a process of its own whose memory is measured:
// prints what each came to, and at the end the most memory that was in use, in MiB.

import { failureOf } from "../../src/base/fail.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import { decodeTorchFile } from "../../src/weights/torch_file.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

let most = 0;
for (const path of Deno.args) {
  try {
    const { value, read } = decodeTorchFile(Deno.readFileSync(path), "x.pt");
    const dicts = findStateDicts(value, { fail: failureOf("x.pt") });
    let count = 0;
    for (const { tensors } of dicts) {
      for (const { data } of read(tensors).values()) count += data.length;
    }
    print(`${count} numbers`);
  } catch (error) {
    print((error as Error).message);
  }
  most = Math.max(most, Deno.memoryUsage().rss);
}
print(`${Math.ceil(most / 2 ** 20)}`);
