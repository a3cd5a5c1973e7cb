// Convolutions of odd shapes, and the cases of `check_op.ts` that compute one pass of
// them: plainly, or with all that may be fused behind it.

import { cast } from "../../src/ops/cast.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
  type ConvGeometry,
} from "../../src/ops/conv/conv2d.ts";
import type { ConvPass, ConvProblem } from "../../src/ops/conv/problem.ts";
import { applyOne } from "../../src/graph/graph.ts";
import type { Shape, Tensor } from "../../src/graph/tensor.ts";
import type { CaseInput, OpCase } from "./check_op.ts";

/** The passes of a convolution. */
export const PASSES: readonly ConvPass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

/** [N, H, W, C, K, R, S, stride, padding, zeros at the end where they differ]. */
export type ConvolutionRow = readonly number[];

/** Shapes that no algorithm was made for, and those that each of them has to get right. */
export const CONVOLUTIONS: readonly ConvolutionRow[] = [
  [1, 1, 1, 1, 1, 1, 1, 1, 0],
  [2, 5, 7, 3, 5, 3, 3, 1, 1],
  [2, 5, 7, 3, 4, 3, 3, 2, 1],
  [3, 6, 6, 4, 8, 1, 1, 2, 0],
  [1, 4, 9, 8, 12, 3, 3, 1, 1],
  [2, 7, 5, 4, 20, 3, 3, 2, 1],
  [2, 8, 8, 16, 16, 3, 3, 1, 1],
  [1, 9, 6, 20, 36, 3, 3, 1, 1],
  [5, 4, 4, 12, 4, 1, 1, 1, 0],
  [1, 6, 5, 2, 3, 3, 2, 1, 0],
  [1, 7, 8, 4, 4, 5, 5, 3, 2],
  [2, 16, 16, 32, 32, 3, 3, 2, 1],
  [2, 9, 9, 48, 40, 3, 3, 1, 1],
  // TensorFlow's "SAME" padding of a strided filter.
  [2, 6, 8, 3, 5, 3, 3, 2, 0, 1],
  [2, 16, 16, 32, 32, 3, 3, 2, 0, 1],
  [1, 5, 6, 4, 8, 3, 3, 1, 2, 0],
  // Images of few channels, in rows that no group of pixels divides.
  [3, 7, 17, 1, 8, 5, 5, 1, 2],
  [2, 9, 11, 2, 16, 3, 3, 2, 1],
  [2, 10, 33, 3, 40, 3, 3, 1, 1],
  [2, 5, 6, 3, 4, 3, 2, 1, 0],
  // Channels that are padded.
  [9, 32, 32, 3, 16, 3, 3, 1, 1],
  [8, 16, 15, 18, 35, 3, 3, 2, 1],
  // Tiles of outputs that end outside, and borders of every width.
  [1, 1, 1, 1, 1, 3, 3, 1, 1],
  [1, 7, 7, 12, 20, 3, 3, 1, 1],
  [2, 33, 31, 6, 3, 3, 3, 1, 1],
  [3, 6, 5, 5, 10, 3, 3, 1, 0],
  [1, 4, 9, 3, 8, 3, 3, 1, 2],
  // Images of three channels, in rows shorter and longer than a run.
  [1, 1, 4, 3, 16, 3, 3, 1, 1],
  [3, 7, 12, 3, 16, 3, 3, 1, 1],
  [1, 5, 8, 3, 48, 3, 3, 1, 1],
  [1, 5, 20, 3, 16, 3, 3, 1, 1, 0],
  [1, 5, 8, 3, 16, 3, 3, 1, 1, 2],
  [2, 9, 7, 3, 16, 3, 3, 1, 1],
  // Products whose weights a workgroup keeps in two parts, of an odd number of rows.
  [1, 3, 3, 128, 32, 1, 1, 1, 0],
  [1, 3, 5, 256, 128, 1, 1, 1, 0],
  [1, 5, 5, 128, 32, 3, 3, 1, 1],
  // Strips over 16 channels: an odd number of them, and several groups of filters.
  [1, 1, 1, 16, 16, 3, 3, 1, 1],
  [3, 7, 9, 16, 16, 3, 3, 1, 1],
  [1, 6, 5, 16, 64, 3, 3, 1, 1],
  [1, 6, 5, 64, 16, 3, 3, 1, 1],
  [1, 5, 6, 16, 16, 3, 3, 1, 1, 0],
  [1, 5, 6, 16, 16, 3, 3, 1, 1, 2],
  // Strided filters from several blocks of channels to several groups.
  [1, 1, 1, 16, 32, 3, 3, 2, 1],
  [3, 8, 6, 16, 32, 3, 3, 2, 1],
  [2, 7, 9, 32, 64, 3, 3, 2, 1],
  [1, 6, 8, 16, 32, 3, 3, 2, 1, 0],
];

/** How the filter of a row moves. */
export function geometryOf(row: ConvolutionRow): ConvGeometry {
  const [, , , , , , , stride, padding, paddingEnd] = row;
  return {
    stride: stride!,
    padding: padding!,
    ...paddingEnd === undefined ? {} : { paddingEnd },
  };
}

/** The sizes of a row. */
export function problemOf(row: ConvolutionRow): ConvProblem {
  const [N, H, W, C, K, R, S] = row as [
    ...[number, number, number, number],
    ...[number, number, number],
  ];
  const { stride, padding, paddingEnd = padding } = geometryOf(row);
  const out = (size: number, taps: number) =>
    Math.floor((size + padding + paddingEnd - taps) / stride) + 1;
  const [P, Q] = [out(H, R), out(W, S)];
  return { N, H, W, C, K, R, S, P, Q, stride, padding };
}

/** Such as `x (1, 4, 9, 8), w (3, 3, 8, 12), stride 1, padding 1`. */
export function nameOf(row: ConvolutionRow): string {
  const { N, H, W, C, K, R, S } = problemOf(row);
  const { stride, padding, paddingEnd } = geometryOf(row);
  return `x (${[N, H, W, C]}), w (${[R, S, C, K]}), stride ${stride}, ` +
    `padding ${padding}${paddingEnd === undefined ? "" : ` and ${paddingEnd}`}`;
}

/** Which case of a pass. */
export interface PassOptions {
  /** Whether all that may follow is fused behind it. */
  readonly fused?: boolean;
  /** Whether args and results are halves. */
  readonly half?: boolean;
  /** Ranges of values: as they are drawn in [-1, 1), if absent. */
  readonly x?: Omit<CaseInput, "shape">;
  readonly w?: Omit<CaseInput, "shape">;
}

/** The case that computes one pass of a row. */
export function passCase(
  pass: ConvPass,
  row: ConvolutionRow,
  { fused = false, half = false, ...values }: PassOptions = {},
): OpCase {
  const { N, H, W, C, K, R, S, P, Q } = problemOf(row);
  const x: CaseInput = { shape: [N, H, W, C], ...values.x };
  const w: CaseInput = { shape: [R, S, C, K], ...values.w };
  const swapped: CaseInput = { ...w, shape: [R, S, K, C] };
  const y: CaseInput = { shape: [N, P, Q, K] };
  const inputs: Readonly<Record<ConvPass, readonly CaseInput[]>> = {
    "forward": [x, w, ...fused ? [y, { shape: [K] }] : []],
    "input gradient": [y, swapped, ...fused ? [x, x] : []],
    "weight gradient": [x, y],
  };
  const compute = computePass(pass, geometryOf(row), {
    x: x.shape,
    w: w.shape,
  });
  const narrowed = (input: Tensor) =>
    half && input.shape.length > 1 ? cast(input, "f16") : input;
  return {
    name: `${pass} of ${nameOf(row)}${fused ? " and all that follows" : ""}`,
    inputs: inputs[pass],
    build: (given) => [cast(compute(given.map(narrowed)), "f32")],
    ...half ? { tolerance: 2 ** -10 } : {},
  };
}

/** One pass of its args and what is fused behind them. */
function computePass(
  pass: ConvPass,
  geometry: ConvGeometry,
  shapes: { readonly x: Shape; readonly w: Shape },
): (inputs: readonly Tensor[]) => Tensor {
  switch (pass) {
    case "forward":
      return ([x, w, residual, shift]) =>
        conv2d(x!, w!, { ...geometry, residual, shift, relu: !!shift });
    case "input gradient":
      return (inputs) => {
        const fused = inputs.length > 2;
        const added = fused ? { residual: true, mask: true } : {};
        const params = { ...geometry, shape: shapes.x, ...added };
        return applyOne(conv2dInputGradientOp, inputs, params);
      };
    case "weight gradient":
      return (inputs) =>
        applyOne(conv2dWeightGradientOp, inputs, {
          ...geometry,
          shape: shapes.w,
        });
  }
}
