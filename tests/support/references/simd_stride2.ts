// Input gradients of strided convolutions, whose weights come in blocks in the order of
// a subgroup's lanes: put back into their own order, they are the definition's.

import type { SimdStride2Params } from "../../../src/ops/conv/algorithms/simd/stride2.ts";
import type { Reference, Value } from "../reference.ts";
import { conv2dInputGradient } from "./linear_algebra.ts";

/** Calls `visit` with the places of a weight in a block's order and in its own. */
function forEachWeight(
  [K, C]: readonly [number, number],
  block: number,
  visit: (ordered: number, own: number) => void,
): void {
  let ordered = 0;
  for (let c0 = 0; c0 < C; c0 += 16) {
    for (let tap = 0; tap < 9; tap++) {
      for (let k0 = 0; k0 < 32; k0 += 2) {
        for (let c1 = 0; c1 < 16; c1 += 2) {
          for (const k of [k0, k0 + 1]) {
            for (const c of [c0 + c1, c0 + c1 + 1]) {
              visit(ordered++, (tap * K + block * 32 + k) * C + c);
            }
          }
        }
      }
    }
  }
}

export const simdStride2Filters: Reference = (
  [w],
  { block }: { readonly block: number },
) => {
  const [, , K, C] = w!.shape as [number, number, number, number];
  const u = new Float64Array(9 * 32 * C);
  forEachWeight([K, C], block, (ordered, own) => {
    u[ordered] = w!.data[own]!;
  });
  return [u];
};

export const simdStride2InputGradient: Reference = (
  [dy, ...inputs],
  params: SimdStride2Params,
  shapes,
) => {
  const [K, C] = [dy!.shape[3]!, params.shape[3]!];
  const blocks = K / 32;
  const data = new Float64Array(9 * K * C);
  inputs.slice(0, blocks).forEach((u, block) =>
    forEachWeight([K, C], block, (ordered, own) => {
      data[own] = u.data[ordered]!;
    })
  );
  const w: Value = { shape: [3, 3, K, C], data };
  const geometry = { stride: 2, padding: 1 };
  return conv2dInputGradient(
    [dy!, w, ...inputs.slice(blocks)],
    { ...geometry, ...params },
    shapes,
  );
};
