// Convolutions and matrix products on float64, as plain loops.

import { type Shape, sizeOf } from "../../../src/graph/tensor.ts";
import type {
  ConvGeometry,
  ConvGradientParams,
  ConvInputGradientParams,
  ConvParams,
} from "../../../src/ops/conv/conv2d.ts";
import type { MatmulParams } from "../../../src/ops/matmul.ts";
import type { Reference, Value } from "../reference.ts";

/** Calls `visit` with the places in x, w and y of every product of a convolution. */
function forEachProduct(
  { x, w, y }: { readonly x: Shape; readonly w: Shape; readonly y: Shape },
  { stride, padding }: ConvGeometry,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [, H, W, C] = x as [number, number, number, number];
  const [R, S] = w as [number, number];
  const [N, P, Q, K] = y as [number, number, number, number];
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      for (let q = 0; q < Q; q++) {
        for (let r = 0; r < R; r++) {
          for (let s = 0; s < S; s++) {
            const h = p * stride + r - padding;
            const v = q * stride + s - padding;
            if (h < 0 || h >= H || v < 0 || v >= W) continue;
            for (let c = 0; c < C; c++) {
              for (let k = 0; k < K; k++) {
                visit(
                  ((n * H + h) * W + v) * C + c,
                  ((r * S + s) * C + c) * K + k,
                  ((n * P + p) * Q + q) * K + k,
                );
              }
            }
          }
        }
      }
    }
  }
}

export const conv2d: Reference = (
  [x, w, ...added],
  params: ConvParams,
  [shape],
) => {
  const K = shape!.at(-1)!;
  const shift = params.shift ? added[0]! : null;
  const residual = params.residual ? added.at(-1)! : null;
  const y = Float64Array.from(
    { length: sizeOf(shape!) },
    (_, i) => (shift?.data[i % K] ?? 0) + (residual?.data[i] ?? 0),
  );
  forEachProduct({ x: x!.shape, w: w!.shape, y: shape! }, params, (i, j, k) => {
    y[k]! += x!.data[i]! * w!.data[j]!;
  });
  return [params.relu ? y.map((value) => Math.max(value, 0)) : y];
};

export const swapChannels: Reference = ([w]) => {
  const [R, S, C, K] = w!.shape as [number, number, number, number];
  const y = new Float64Array(w!.data.length);
  for (let tap = 0; tap < R * S; tap++) {
    for (let c = 0; c < C; c++) {
      for (let k = 0; k < K; k++) {
        y[(tap * K + k) * C + c] = w!.data[(tap * C + c) * K + k]!;
      }
    }
  }
  return [y];
};

export const conv2dInputGradient: Reference = (
  [dy, swapped, ...added],
  params: ConvInputGradientParams,
) => {
  const dx = new Float64Array(sizeOf(params.shape));
  const [data] = swapChannels([swapped!], undefined, []) as [Float64Array];
  const [R, S, K, C] = swapped!.shape as [number, number, number, number];
  const shapes = { x: params.shape, w: [R, S, C, K], y: dy!.shape };
  forEachProduct(shapes, params, (i, j, k) => {
    dx[i]! += dy!.data[k]! * data[j]!;
  });
  return [cotangentOf(dx, added, params)];
};

/** A cotangent plus another one, and 0 where a ReLU's output is not positive. */
function cotangentOf(
  dx: Float64Array,
  added: readonly Value[],
  { residual, mask }: { readonly residual?: boolean; readonly mask?: boolean },
): Float64Array {
  const other = residual ? added[0]!.data : null;
  const y = mask ? added.at(-1)!.data : null;
  return dx.map((value, i) =>
    y && y[i]! <= 0 ? 0 : value + (other ? other[i]! : 0)
  );
}

export const conv2dWeightGradient: Reference = (
  [x, dy],
  params: ConvGradientParams,
) => {
  const dw = new Float64Array(sizeOf(params.shape));
  forEachProduct(
    { x: x!.shape, w: params.shape, y: dy!.shape },
    params,
    (i, j, k) => {
      dw[j]! += dy!.data[k]! * x!.data[i]!;
    },
  );
  return [dw];
};

export const matmul: Reference = ([a, b], params: MatmulParams, [shape]) => {
  const [M, N] = shape as [number, number];
  const K = sizeOf(a!.shape) / M;
  const y = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < K; k++) {
        const left = params.transposeA
          ? a!.data[k * M + m]!
          : a!.data[m * K + k]!;
        const right = params.transposeB
          ? b!.data[n * K + k]!
          : b!.data[k * N + n]!;
        y[m * N + n]! += left * right;
      }
    }
  }
  return [y];
};
