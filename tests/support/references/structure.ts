// Sums, repetition, constants, copies and other precisions on float64.

import { type Shape, sizeOf } from "../../../src/graph/tensor.ts";
import type {
  RepeatParams,
  SumParams,
} from "../../../src/ops/reduce/reduce.ts";
import type { ConcatParams, SliceParams } from "../../../src/ops/concat.ts";
import type { FillParams } from "../../../src/ops/fill.ts";
import type { Reference } from "../reference.ts";

function split(
  shape: Shape,
  start: number,
  end: number,
): [number, number, number] {
  return [
    sizeOf(shape.slice(0, start)),
    sizeOf(shape.slice(start, end)),
    sizeOf(shape.slice(end)),
  ];
}

export const sum: Reference = ([x], { start, end, factor }: SumParams) => {
  const [outer, middle, inner] = split(x!.shape, start, end);
  const y = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let m = 0; m < middle; m++) {
      for (let i = 0; i < inner; i++) {
        y[o * inner + i]! += factor * x!.data[(o * middle + m) * inner + i]!;
      }
    }
  }
  return [y];
};

export const max: Reference = ([x]) => {
  const [outer, middle] = split(x!.shape, 1, x!.shape.length);
  return [
    Float64Array.from(
      { length: outer },
      (_, n) => Math.max(...x!.data.subarray(n * middle, (n + 1) * middle)),
    ),
  ];
};

export const repeat: Reference = (
  [x],
  { start, end, factor, shape }: RepeatParams,
) => {
  const [outer, middle, inner] = split(shape, start, end);
  const y = new Float64Array(outer * middle * inner);
  for (let o = 0; o < outer; o++) {
    for (let m = 0; m < middle; m++) {
      for (let i = 0; i < inner; i++) {
        y[(o * middle + m) * inner + i] = factor * x!.data[o * inner + i]!;
      }
    }
  }
  return [y];
};

export const fill: Reference = (_, { shape, value }: FillParams) => [
  new Float64Array(sizeOf(shape)).fill(value),
];

export const store: Reference = ([value, variable]) => {
  variable!.data.set(value!.data);
  return [];
};

/** Rounding is what tolerances are for: float64 holds what either precision holds. */
export const cast: Reference = ([x]) => [x!.data.slice()];

export const reshape: Reference = ([x]) => [x!.data.slice()];

export const concat: Reference = (inputs, { axis }: ConcatParams) => {
  const [outer] = split(inputs[0]!.shape, axis, axis);
  const rows = Array.from(
    { length: outer },
    (_, o) =>
      inputs.flatMap(({ shape, data }) => {
        const width = sizeOf(shape.slice(axis));
        return [...data.subarray(o * width, (o + 1) * width)];
      }),
  );
  return [Float64Array.from(rows.flat())];
};

export const slice: Reference = ([x], { axis, start, end }: SliceParams) => {
  const [outer, size, inner] = split(x!.shape, axis, axis + 1);
  const rows = Array.from(
    { length: outer },
    (_, o) => [
      ...x!.data.subarray(
        (o * size + start) * inner,
        (o * size + end) * inner,
      ),
    ],
  );
  return [Float64Array.from(rows.flat())];
};

export const gatherRows: Reference = ([table, rows]) => {
  const width = table!.shape[1]!;
  return [
    Float64Array.from(
      [...rows!.data].flatMap((row) => [
        ...table!.data.subarray(row * width, (row + 1) * width),
      ]),
    ),
  ];
};

/** The second input: the rows of all ranks, which an exchange wrote there. */
export const gatheredRows: Reference = ([, all]) => [all!.data.slice()];
