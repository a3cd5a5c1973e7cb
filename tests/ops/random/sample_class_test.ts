import { checkOp } from "../../support/check_op.ts";
import { evaluate } from "../../support/evaluate.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { gatherClass } from "../../../src/ops/loss/gather_class.ts";
import { sampleClass } from "../../../src/ops/random/sample_class.ts";
import { logSoftmax } from "../../../src/ops/loss/softmax.ts";
import * as sequence from "../../../src/base/random_sequence.ts";

checkOp(
  "sampleClass()",
  ROW_CASES.map(({ name, logits }) => ({
    name,
    inputs: [logits, { shape: [logits.shape[0]!], low: 0, high: 1 }],
    build: ([z, u]) => [sampleClass(logSoftmax(z!), u!)],
    kernelOnly: true,
  })),
);

Deno.test("sampleClass() draws classes as often as they are probable", async () => {
  const rows = 20_000;
  const probabilities = [0.05, 0.5, 0, 0.25, 0.2];
  const row = probabilities.map((p) => Math.log(p || 1e-30));
  const u = sequence.uniform({ seed: 5, stream: "u", step: 0 }, rows);
  const counts = probabilities.map(() => 0);
  const { device } = await evaluate([
    {
      shape: [rows, 5],
      values: Array.from({ length: rows }, () => row).flat(),
    },
    { shape: [rows], values: Array.from(u) },
    {
      shape: [rows, 5],
      values: Array.from({ length: 5 * rows }, (_, i) => i % 5),
    },
  ], ([z, u, numbers]) => [
    gatherClass(numbers!, sampleClass(logSoftmax(z!), u!)),
  ]);
  for (const drawn of device[0]!) counts[drawn]!++;
  counts.forEach((count, c) => {
    const p = probabilities[c]!;
    const deviation = Math.sqrt(rows * p * (1 - p));
    assert(
      Math.abs(count - rows * p) <= 4 * deviation,
      `class ${c}: ${count} of ${rows}`,
    );
  });
});

Deno.test("sampleClass() takes the first class for 0 and the last for what nothing exceeds", async () => {
  const numbers = [0, 1, 2, 0, 1, 2];
  const { device, reference } = await evaluate([
    { shape: [2, 3], values: [0, 0, 0, 0, 0, 0] },
    { shape: [2], values: [0, 1] },
    { shape: [2, 3], values: numbers },
  ], ([z, u, numbers]) => [
    gatherClass(numbers!, sampleClass(logSoftmax(z!), u!)),
  ]);
  assertEquals(device, [[0, 2]]);
  assertEquals(reference, [[0, 2]]);
});

Deno.test("sampleClass() refuses other than one number per row", () => {
  const x = new Graph().read(new Variable("x", [4, 3]));
  assertThrows(
    () => sampleClass(x, new Variable("u", [3])),
    TypeError,
    "Cannot sample a class: expected f32 (4) but found f32 (3)",
  );
});
