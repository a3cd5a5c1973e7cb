// Reads files as an evaluation would, in a process of its own whose memory is measured:
// prints what each came to, and at the end the most memory that was in use, in MiB.

import { failureOf } from "../../src/base/fail.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import { decodeTorchFile } from "../../src/weights/torch_file.ts";

let most = 0;
for (const path of Deno.args) {
  try {
    const { value, read } = decodeTorchFile(Deno.readFileSync(path), "x.pt");
    const dicts = findStateDicts(value, { fail: failureOf("x.pt") });
    let count = 0;
    for (const { tensors } of dicts) {
      for (const { data } of read(tensors).values()) count += data.length;
    }
    console.log(`${count} numbers`);
  } catch (error) {
    console.log((error as Error).message);
  }
  most = Math.max(most, Deno.memoryUsage().rss);
}
console.log(Math.ceil(most / 2 ** 20));
