import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { bankScores, updateBank } from "../../../src/ops/relation/bank.ts";
import { words } from "../../../src/base/random_sequence.ts";
import {
  type CaseInput,
  checkOp,
  type OpCase,
} from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { runOnDevice } from "../../support/run_on_device.ts";

/** Rows of a bank, drawn; some come twice. */
function rowsInput(shape: readonly number[], below: number): CaseInput {
  const count = shape.reduce((a, b) => a * b, 1);
  const drawn = words({ seed: 2, stream: "rows", step: count }, count);
  return { shape, dtype: "u32", values: [...drawn].map((w) => w % below) };
}

/** [bank rows, anchors, draws, columns]; 0 draws stand for one row each. */
const cases = [
  [5, 3, 4, 7],
  [1, 1, 1, 1],
  [9, 7, 0, 5],
  [40, 2, 65, 16],
  // More than one part of the derivative, the last one short.
  [33, 2, 2051, 3],
].map(([bank, anchors, draws, columns]): OpCase => ({
  name: `${anchors} anchors, ${draws} of ${bank} rows, ${columns} columns`,
  inputs: [
    { shape: [bank!, columns!], constant: true },
    { shape: [anchors!, columns!] },
    rowsInput(draws ? [anchors!, draws] : [anchors!], bank!),
  ],
  build: ([, anchors, rows], [bank]) => [
    bankScores(bank!, { anchors: anchors!, rows: rows! }),
  ],
}));
checkWithDerivative("bankScores()", cases);

/** [bank rows, values, columns]. */
const updates = [[6, 3, 5], [1, 1, 1], [200, 130, 3], [3, 3, 16]].map(
  ([bank, count, columns]): OpCase => ({
    name: `${count} of ${bank} rows, ${columns} columns`,
    inputs: [
      { shape: [bank!, columns!] },
      {
        shape: [count!],
        dtype: "u32",
        values: Array.from({ length: count! }, (_, i) => bank! - 1 - i),
      },
      { shape: [count!, columns!] },
    ],
    build: ([, rows, values], [bank]) => {
      updateBank(bank!, { rows: rows!, values: values!, momentum: 0.75 });
      return [];
    },
    updated: [0],
    kernelOnly: true,
  }),
);
checkOp("updateBank()", [
  ...updates,
  {
    ...updates[0]!,
    name: "a row named three times, of which the last counts",
    inputs: [
      { shape: [6, 5] },
      { shape: [3], dtype: "u32", values: [4, 4, 4] },
      { shape: [3, 5] },
    ],
  },
]);

Deno.test("updateBank() makes directions, and zeros of what cancels", async () => {
  const bank = new Variable("bank", [2, 2]);
  const values = new Variable("values", [2, 2]);
  const rows = new Variable("rows", [2], "u32");
  const [found] = await runOnDevice([
    [bank, Float32Array.of(3, 0, 1, 1)],
    [values, Float32Array.of(0, 4, -1, -1)],
    [rows, Uint32Array.of(0, 1)],
  ], (graph) => {
    updateBank(bank, {
      rows: graph.read(rows),
      values: graph.read(values),
      momentum: 0.5,
    });
    return [bank];
  });
  const [x, y, ...zeros] = new Float32Array(found!);
  assert(Math.abs(x! - 0.6) < 1e-6 && Math.abs(y! - 0.8) < 1e-6);
  assertEquals(zeros, [0, 0]);
});

Deno.test("bankScores() refuses features of another length than the bank's", () => {
  const graph = new Graph();
  const anchors = graph.read(new Variable("anchors", [3, 4]));
  assertThrows(
    () =>
      bankScores(new Variable("bank", [9, 5]), {
        anchors,
        rows: new Variable("rows", [3, 2], "u32"),
      }),
    TypeError,
    "but found f32 (9, 5), f32 (3, 4), u32 (3, 2)",
  );
});
