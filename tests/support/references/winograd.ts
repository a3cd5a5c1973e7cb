// Winograd's method on float64, with its matrices made from their points by the
// theorem (Toom and Cook) instead of being written down: filters and outputs are
// polynomials, known by their values at points.

import type { Reference } from "../reference.ts";
import type { SimdWinogradParams } from "../../../src/ops/conv/algorithms/simd/winograd.ts";
import type { TransformedConvolution } from "../../../src/ops/conv/algorithms/transformed_filters.ts";
import type { WinogradParams } from "../../../src/ops/conv/algorithms/winograd.ts";
import type { WinogradFiltersParams } from "../../../src/ops/conv/algorithms/winograd_filters.ts";

type Matrix = readonly (readonly number[])[];

/** Finite points of the tiles; infinity is the last one of both. */
const POINTS = { 2: [0, 1, -1], 4: [0, 0.75, -0.75, 1.5, -1.5] } as const;

/**
 * Signs of rows, since a point's row of filters and of inputs may be negated together,
 * and of columns of outputs: those of Lavin and Gray for tiles of 2.
 */
const NEGATED: { readonly [tile: number]: readonly number[] } = {
  2: [0, 3],
  4: [],
};

/** Matrices of the transforms along one dimension: A^T, G and B^T. */
export function winogradMatrices(
  tile: 2 | 4,
): {
  readonly output: Matrix;
  readonly filter: Matrix;
  readonly input: Matrix;
} {
  const points: readonly number[] = POINTS[tile];
  const others = (i: number) => points.filter((_, j) => j !== i);
  const product = (values: readonly number[]) =>
    values.reduce((all, value) => all * value, 1);
  const power = (last: number) => (rows: number) =>
    Array.from({ length: rows }, (_, i) => (i === last ? 1 : 0));
  const filter = [
    ...points.map((p, i) => {
      const scale = product(others(i).map((q) => p - q));
      return [0, 1, 2].map((k) => p ** k / scale);
    }),
    power(2)(3),
  ];
  const input = [
    ...points.map((_, i) => [...polynomial(others(i)), 0]),
    polynomial(points),
  ];
  const output = Array.from({ length: tile }, (_, i) => [
    ...points.map((p) => p ** i),
    i === tile - 1 ? 1 : 0,
  ]);
  const sign = (i: number, row: number) =>
    NEGATED[tile]!.includes(i) && i === row ? -1 : 1;
  const first = (matrix: Matrix) =>
    matrix.map((row, i) => row.map((value) => sign(i, 0) * value));
  const last = tile + 1;
  return {
    filter: first(filter),
    input: first(input).map((row, i) =>
      row.map((value) => sign(i, last) * value)
    ),
    output: output.map((row) => row.map((value, i) => sign(i, last) * value)),
  };
}

/** Coefficients of the product of (x - root). */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce(
    (all, root) =>
      [...all, 0].map((_, i) => (all[i - 1] ?? 0) - root * (all[i] ?? 0)),
    [1],
  );
}

/** M d M^T, where d is given by its elements. */
function bothWays(
  matrix: Matrix,
  element: (row: number, column: number) => number,
): number[][] {
  const size = matrix[0]!.length;
  const half = matrix.map((row) =>
    Array.from(
      { length: size },
      (_, j) => row.reduce((sum, factor, i) => sum + factor * element(i, j), 0),
    )
  );
  return half.map((line) =>
    matrix.map((row) =>
      row.reduce((sum, factor, j) => sum + factor * line[j]!, 0)
    )
  );
}

const padded = (channels: number): number => 4 * Math.ceil(channels / 4);

export const winogradFilters: Reference = (
  [w],
  { tile, rotated }: WinogradFiltersParams,
) => {
  const [, , C, K] = w!.shape as [number, number, number, number];
  const { filter } = winogradMatrices(tile);
  const side = tile + 2;
  const u = new Float64Array(side * side * padded(C) * padded(K));
  for (let c = 0; c < C; c++) {
    for (let k = 0; k < K; k++) {
      const transformed = bothWays(filter, (r, s) => {
        const tap = rotated ? 8 - (3 * r + s) : 3 * r + s;
        return w!.data[(tap * C + c) * K + k]!;
      });
      transformed.flat().forEach((value, i) =>
        u[(i * padded(C) + c) * padded(K) + k] = value
      );
    }
  }
  return [u];
};

export const winogradConv2d: Reference = (
  [x, u, ...added],
  { tile, padding, shift, residual, mask, relu }: Omit<
    WinogradParams,
    "mebibytes"
  >,
  [shape],
) => {
  const [, H, W, C] = x!.shape as [number, number, number, number];
  const [N, P, Q, K] = shape as [number, number, number, number];
  const { input, output } = winogradMatrices(tile);
  const y = new Float64Array(N * P * Q * K);
  const at = (n: number, h: number, v: number, c: number) =>
    h < 0 || v < 0 || h >= H || v >= W
      ? 0
      : x!.data[((n * H + h) * W + v) * C + c]!;
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p += tile) {
      for (let q = 0; q < Q; q += tile) {
        const inputs = Array.from(
          { length: C },
          (_, c) =>
            bothWays(
              input,
              (i, j) => at(n, p + i - padding, q + j - padding, c),
            )
              .flat(),
        );
        for (let k = 0; k < K; k++) {
          const sums = inputs[0]!.map((_, i) =>
            inputs.reduce(
              (sum, d, c) =>
                sum + d[i]! * u!.data[(i * padded(C) + c) * padded(K) + k]!,
              0,
            )
          );
          const outputs = bothWays(output, (i, j) => sums[i * (tile + 2) + j]!);
          outputs.forEach((line, i) =>
            line.forEach((value, j) => {
              if (p + i >= P || q + j >= Q) return;
              const to = ((n * P + p + i) * Q + q + j) * K + k;
              const sum = value + (shift ? added[0]!.data[k]! : 0) +
                (residual ? added[shift ? 1 : 0]!.data[to]! : 0);
              const masked = mask && added.at(-1)!.data[to]! <= 0;
              y[to] = (relu && sum < 0) || masked ? 0 : sum;
            })
          );
        }
      }
    }
  }
  return [y];
};

/** The same with tiles of 2, both transforms in one kernel. */
export const winogradFusedConv2d: Reference = (
  inputs,
  params: TransformedConvolution,
  shapes,
) => winogradConv2d(inputs, { ...params, tile: 2 }, shapes);

/** The same with tiles of 4, transformed along lines in the kernel of the products. */
export const winogradLinesConv2d: Reference = (
  inputs,
  params: TransformedConvolution,
  shapes,
) => winogradConv2d(inputs, { ...params, tile: 4 }, shapes);

/** The same with the tiles and borders that SIMD kernels always have. */
export const simdWinogradConv2d: Reference = (
  inputs,
  params: SimdWinogradParams,
  shapes,
) => winogradConv2d(inputs, { ...params, tile: 2, padding: 1 }, shapes);
