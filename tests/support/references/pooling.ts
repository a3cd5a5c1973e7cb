// Pooling on float64, window by window.

import { type Shape, sizeOf } from "../../../src/graph/tensor.ts";
import type {
  PoolGradientParams,
  PoolWindow,
} from "../../../src/ops/pool/window.ts";
import type { Reference } from "../reference.ts";

/** Places of the numbers of each window of x, with the place of its result in y. */
function windows(
  [x, y]: readonly [Shape, Shape],
  { kernelSize, stride, padding }: PoolWindow,
): number[][] {
  const [, H, W, C] = x as [number, number, number, number];
  const [, P, Q] = y as [number, number, number];
  return Array.from({ length: sizeOf(y) }, (_, at) => {
    const c = at % C, q = Math.floor(at / C) % Q;
    const p = Math.floor(at / (C * Q)) % P, n = Math.floor(at / (C * Q * P));
    const places: number[] = [];
    for (
      let h = p * stride - padding;
      h < p * stride - padding + kernelSize;
      h++
    ) {
      for (
        let w = q * stride - padding;
        w < q * stride - padding + kernelSize;
        w++
      ) {
        if (h >= 0 && h < H && w >= 0 && w < W) {
          places.push(((n * H + h) * W + w) * C + c);
        }
      }
    }
    return places;
  });
}

export const averagePool: Reference = ([x], window: PoolWindow, [shape]) => [
  Float64Array.from(
    windows([x!.shape, shape!], window),
    (places) =>
      places.reduce((sum, place) => sum + x!.data[place]!, 0) /
      window.kernelSize ** 2,
  ),
];

export const averagePoolGradient: Reference = (
  [dy],
  { shape, ...window }: PoolGradientParams,
) => {
  const dx = new Float64Array(sizeOf(shape));
  windows([shape, dy!.shape], window).forEach((places, at) => {
    for (const place of places) {
      dx[place]! += dy!.data[at]! / window.kernelSize ** 2;
    }
  });
  return [dx];
};

export const maxPool: Reference = ([x], window: PoolWindow, [shape]) => {
  const [, H, W, C] = x!.shape as [number, number, number, number];
  const largest = windows([x!.shape, shape!], window).map((places) =>
    places.reduce((a, b) => x!.data[b]! > x!.data[a]! ? b : a)
  );
  return [
    Float64Array.from(largest, (place) => x!.data[place]!),
    Float64Array.from(largest, (place) => Math.floor(place / C) % (H * W)),
  ];
};

export const maxPoolGradient: Reference = (
  [dy, pixels],
  { shape }: PoolGradientParams,
) => {
  const [, H, W, C] = shape as [number, number, number, number];
  const [, P, Q] = dy!.shape as [number, number, number];
  const dx = new Float64Array(sizeOf(shape));
  dy!.data.forEach((value, at) => {
    const n = Math.floor(at / (P * Q * C));
    dx[(n * H * W + pixels!.data[at]!) * C + at % C]! += value;
  });
  return [dx];
};
