// A program for atomic_write_test.ts: saves checkpoints to the path that it is
// given, one after the other, until it is killed. Every number of a checkpoint is
// its step, and the first is that after the checkpoint which is there already.

import { loadCheckpoint, saveCheckpoint } from "../../src/runs/checkpoint.ts";
import { fileInfo } from "../../src/base/disk.ts";
import { EXAMPLE } from "./example_experiment.ts";

const [path = ""] = Deno.args;
let step = await fileInfo(path) ? (await loadCheckpoint(path)).step : 0;
const data = new Float32Array(1 << 20);
while (true) {
  step++;
  data.fill(step);
  const student = new Map([["weight", { shape: [data.length], data }]]);
  await saveCheckpoint(path, {
    step,
    epoch: 1,
    experiment: EXAMPLE,
    metrics: { step },
    tensors: { student },
  });
  await Deno.stdout.write(new TextEncoder().encode("saved\n"));
}
