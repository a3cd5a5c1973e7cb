// The step to a hyperplane on float64, by sorting: elements run out of room one after
// the other, and between two of them the way is linear.

import type { HyperplaneParams } from "../../../src/ops/attack/hyperplane_step.ts";
import type { Reference } from "../reference.ts";

export const hyperplaneStep: Reference = (
  [point, normal, excess],
  { norm }: HyperplaneParams,
) => {
  const [images] = point!.shape as [number];
  const size = point!.data.length / images;
  const d = new Float64Array(point!.data.length);
  for (let n = 0; n < images; n++) {
    const own = normal!.data.subarray(n * size, (n + 1) * size);
    const largest = own.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const least = norm === "linf" || largest === 0
      ? 0
      : 1e-8 * 2 ** Math.floor(Math.log2(largest));
    const sign = excess!.data[n]! >= 0 ? 1 : -1;
    const elements = Array.from({ length: size }, (_, k) => {
      const i = n * size + k;
      const u = sign * normal!.data[i]!;
      const room = u > 0 ? point!.data[i]! : 1 - point!.data[i]!;
      return norm === "linf"
        ? { i, u, weight: Math.abs(u), bound: room, way: Math.sign(u) }
        : { i, u, weight: u * u, bound: room / Math.abs(u), way: u };
    }).filter(({ u }) => Math.abs(u) > least)
      .sort((a, b) => a.bound - b.bound);
    let left = Math.abs(excess!.data[n]!);
    let rate = elements.reduce((sum, { weight }) => sum + weight, 0);
    let level = 0;
    for (const { bound, weight } of elements) {
      const gain = (bound - level) * rate;
      if (gain >= left) break;
      left -= gain;
      level = bound;
      rate -= weight;
    }
    if (left > 0) level += rate > 0 ? left / rate : Infinity;
    for (const { i, bound, way } of elements) {
      d[i] = -way * Math.min(level, bound);
    }
  }
  return [d];
};
