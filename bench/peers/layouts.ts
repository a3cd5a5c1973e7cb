// Our layouts in the order that other libraries want: channels before pixels, and
// filters before channels.

import { sizeOf } from "../../src/graph/tensor.ts";
import type { HostTensor } from "../inputs.ts";

/** The tensor with its axes in another order: axis i of the result is `axes[i]`. */
export function permuted(
  { shape, values }: HostTensor,
  axes: readonly number[],
): HostTensor {
  const result = axes.map((axis) => shape[axis]!);
  const strides = axes.map((axis) => sizeOf(shape.slice(axis + 1)));
  const out = new Float32Array(values.length);
  const place = axes.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = values[from]!;
    // Counts up in the result's order, and moves in the source along with it.
    for (let i = axes.length - 1; i >= 0; i--) {
      from += strides[i]!;
      if (++place[i]! < result[i]!) break;
      from -= result[i]! * strides[i]!;
      place[i] = 0;
    }
  }
  return { shape: result, values: out };
}

/** (N, H, W, C) as (N, C, H, W). */
export function channelsFirst(tensor: HostTensor): HostTensor {
  return permuted(tensor, [0, 3, 1, 2]);
}

/** Weights (R, S, C, K) as (K, C, R, S). */
export function filtersFirst(tensor: HostTensor): HostTensor {
  return permuted(tensor, [3, 2, 0, 1]);
}
