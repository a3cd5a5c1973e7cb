// The form of a convolution where nothing was measured: arithmetic on the shape.
//
// On a GPU, a pass takes the time of its multiply-adds, at the share of the peak that
// tiled products reach, and the time of its traffic: Winograd's method saves the
// former and pays with the latter. The constants are those of no GPU in particular.

import type { Target } from "../../gpu/device.ts";
import type { ConvForm } from "./algorithm.ts";
import type { ConvPass, ConvProblem } from "./problem.ts";
import { isNarrow } from "./algorithms/few_channels.ts";
import { isImages } from "./algorithms/simd/rgb.ts";
import { isLanesProducts } from "./algorithms/simd/products.ts";
import { isStrided } from "./algorithms/simd/stride2.ts";
import { isStrips } from "./algorithms/simd/winograd.ts";
import { isWinograd } from "./algorithms/winograd.ts";
import { matricesOf, piecesOf, tilingOf } from "./algorithms/winograd_tiles.ts";

/** Multiply-adds below which bringing channels to fours costs more than it gains. */
const SMALL = 1 << 20;

/** Multiply-adds at the peak, in the time of moving a byte, and of a dispatch. */
const PER_BYTE = 15;
const PER_DISPATCH = 5e7;

/** Share of the peak that tiled products reach. */
const SHARE = 0.6;

/** MiB of scratch space: what large GPUs cache, and enough to keep any busy. */
const MEBIBYTES = 64;

/** What is likely the fastest form. */
export function likelyForm(
  pass: ConvPass,
  target: Target,
  sizes: ConvProblem,
): ConvForm {
  const { N, P, Q, K, R, S, C } = sizes;
  const whole = C % 4 === 0 && K % 4 === 0;
  if (!whole && N * P * Q * K * R * S * C <= SMALL) return { kind: "direct" };
  if (target.adapterClass === "software") {
    return likelySoftwareForm(pass, target, sizes);
  }
  // Tiles would multiply by as many zeros as weights, or more.
  if (isNarrow(pass, sizes)) return { kind: "narrow" };
  const weightGradient = pass === "weight gradient";
  const forms: readonly (readonly [ConvForm, number])[] = [
    [{ kind: "tiles" }, tilesEffort(sizes)],
    ...([2, 4] as const).flatMap((tile) => {
      const form = { kind: "winograd", tile, mebibytes: MEBIBYTES } as const;
      return isWinograd(sizes, form, { weightGradient })
        ? [[form, winogradEffort(sizes, tile)] as const]
        : [];
    }),
  ];
  const [[form]] = forms.toSorted(([, a], [, b]) => a - b) as [
    [ConvForm, number],
  ];
  return form;
}

/** MiB of scratch space that stay in a processor's caches. */
const CACHED_MEBIBYTES = 8;

/** On a processor, where loads cost more than arithmetic. */
function likelySoftwareForm(
  pass: ConvPass,
  target: Target,
  sizes: ConvProblem,
): ConvForm {
  if (target.subgroupSize !== 8) return { kind: "direct" };
  if (isStrips(pass, sizes)) return { kind: "strips" };
  if (isStrided(pass, sizes)) return { kind: "strided" };
  if (isImages(pass, sizes)) return { kind: "images" };
  const form = {
    kind: "winograd",
    tile: 2,
    mebibytes: CACHED_MEBIBYTES,
  } as const;
  return pass !== "weight gradient" && isWinograd(sizes, form) &&
      isLanesProducts(target, sizes)
    ? form
    : { kind: "lanes" };
}

/** In multiply-adds at the peak. */
function effort(
  { multiplyAdds, values, dispatches }: {
    readonly multiplyAdds: number;
    readonly values: number;
    readonly dispatches: number;
  },
): number {
  return multiplyAdds / SHARE + 4 * values * PER_BYTE +
    dispatches * PER_DISPATCH;
}

function tilesEffort({ N, H, W, C, K, R, S, P, Q }: ConvProblem): number {
  return effort({
    multiplyAdds: N * P * Q * K * R * S * C,
    values: N * H * W * C + N * P * Q * K + R * S * C * K,
    dispatches: 1,
  });
}

/** All passes have as many products, and write and read what is transformed once. */
function winogradEffort(sizes: ConvProblem, tile: 2 | 4): number {
  const { N, H, W, C, K, P, Q } = sizes;
  const tiling = tilingOf(sizes, tile);
  const transformed = tiling.tiles * matricesOf(tile);
  const pieces = piecesOf(tiling, {
    channels: Math.max(C, K),
    mebibytes: MEBIBYTES,
  });
  return effort({
    multiplyAdds: transformed * C * K,
    values: N * H * W * C + N * P * Q * K + 2 * transformed * (C + K) +
      2 * matricesOf(tile) * C * K,
    dispatches: 1 + 3 * pieces.length,
  });
}
