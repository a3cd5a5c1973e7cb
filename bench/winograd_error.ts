// How much Winograd's method errs in float32: the largest error of each pass over the
// largest output, against float64, beside that of implicit GEMM.
//
//   deno run bench/winograd_error.ts
//
// Activations are uniform in [0, 1), as after a ReLU, weights as they are drawn for
// training, cotangents uniform in [-1, 1). Channels are those that a pass sums over;
// a weight gradient sums over pixels.

import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import { compile } from "../src/graph/compile.ts";
import { applyOne, Graph } from "../src/graph/graph.ts";
import { type Shape, Variable } from "../src/graph/tensor.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
} from "../src/ops/conv/conv2d.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";
import { store } from "../src/ops/store.ts";
import { uniform } from "../src/base/random_sequence.ts";
import { interpret, ReferenceMemory } from "../tests/support/reference.ts";
import { print, tableText } from "./table.ts";

const ALGORITHMS = [
  "implicitGemm",
  "winograd 2 64",
  "winograd 4 64",
  "winograd fused",
  "winograd lines",
];

/** The pass, images, side, channels that are summed over, and the others. */
const CASES: readonly (readonly [ConvPass, number, number, number, number])[] =
  [
    ...(["forward", "input gradient"] as const).flatMap((pass) =>
      ([[4, 32, 64], [1, 32, 160], [2, 16, 320], [4, 8, 640]] as const).map(
        ([N, side, channels]) => [pass, N, side, channels, 16] as const,
      )
    ),
    ["weight gradient", 2, 8, 16, 16],
    ["weight gradient", 8, 16, 16, 16],
    ["weight gradient", 16, 32, 16, 16],
  ];

using device = await Device.open();
const rows: string[][] = [];
for (const [pass, N, side, summed, others] of CASES) {
  const what = pass === "weight gradient"
    ? `${N * side * side} pixels`
    : `${summed} channels`;
  const [C, K] = pass === "input gradient"
    ? [others, summed]
    : [summed, others];
  const errors = await errorsOf(pass, { N, side, C, K });
  rows.push([
    `${pass}, ${what}, ${side}x${side}`,
    ...errors.map((error) => error.toExponential(1)),
  ]);
}
print(device.adapter.description);
print(tableText(["largest error / largest output", ...ALGORITHMS], rows));

interface Sizes {
  readonly N: number;
  readonly side: number;
  readonly C: number;
  readonly K: number;
}

/** The error of every algorithm. */
async function errorsOf(pass: ConvPass, sizes: Sizes): Promise<number[]> {
  const { graph, contents, output } = traced(pass, sizes);
  const expected = new ReferenceMemory();
  for (const [variable, values] of contents) {
    expected.data(variable).set(values);
  }
  interpret(graph, expected);
  const reference = expected.data(output);
  const largest = reference.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const errors: number[] = [];
  for (const algorithm of ALGORITHMS) {
    using memory = new Memory(device);
    for (const [variable, values] of contents) memory.write(variable, values);
    const target = { adapterClass: "gpu", algorithm } as const;
    const program = compile(graph, { name: pass, ...target });
    using plan = await Plan.bind(program, memory);
    plan.run();
    const [bytes] = await memory.read([output]);
    const found = new Float32Array(bytes!);
    const error = found.reduce(
      (most, y, i) => Math.max(most, Math.abs(y - reference[i]!)),
      0,
    );
    errors.push(error / largest);
  }
  return errors;
}

function traced(pass: ConvPass, { N, side, C, K }: Sizes) {
  const size = Math.sqrt(6 / (9 * C));
  const x = random("x", [N, side, side, C], { low: 0, high: 1 });
  const dy = random("dy", [N, side, side, K], { low: -1, high: 1 });
  const drawn = { low: -size, high: size };
  const w = random("w", [3, 3, C, K], drawn);
  const swapped = random("swapped", [3, 3, K, C], drawn);
  const graph = new Graph();
  const geometry = { stride: 1, padding: 1 };
  const value = {
    "forward": () => conv2d(graph.read(x[0]), w[0], geometry),
    "input gradient": () =>
      applyOne(conv2dInputGradientOp, [graph.read(dy[0]), swapped[0]], {
        ...geometry,
        shape: x[0].shape,
      }),
    "weight gradient": () =>
      applyOne(conv2dWeightGradientOp, [graph.read(x[0]), dy[0]], {
        ...geometry,
        shape: w[0].shape,
      }),
  }[pass]();
  const output = new Variable("output", value.shape);
  store(value, output);
  return { graph, contents: [x, dy, w, swapped], output };
}

function random(
  name: string,
  shape: Shape,
  { low, high }: { readonly low: number; readonly high: number },
): readonly [Variable, Float32Array<ArrayBuffer>] {
  const variable = new Variable(name, shape);
  const count = variable.byteLength / 4;
  const values = uniform({ seed: 1, stream: name, step: 0 }, count);
  return [variable, values.map((u) => low + (high - low) * u)];
}
