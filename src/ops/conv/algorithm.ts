// The ways to compute a convolution, and their names: in the table of what was
// measured, and where a test or a measurement asks for one.

import type { Target } from "../../gpu/device.ts";
import type { ConvPass, ConvProblem } from "./problem.ts";
import { isNarrow } from "./algorithms/few_channels.ts";
import { isImages } from "./algorithms/simd/rgb.ts";
import { isStrided } from "./algorithms/simd/stride2.ts";
import { isStrips } from "./algorithms/simd/winograd.ts";
import { MEASURED_TILES, type Tile, tileName } from "./algorithms/gemm_tile.ts";
import { isWinograd, type Winograd } from "./algorithms/winograd.ts";

/** A way to compute one pass. */
export type ConvForm =
  /** One invocation per result. */
  | { readonly kind: "direct" }
  /** Subgroups of SIMD lanes, for software adapters. */
  | { readonly kind: "lanes" }
  /** Images of few channels, for GPUs. */
  | { readonly kind: "narrow" }
  /** 3x3 filters on images of three channels, for software adapters. */
  | { readonly kind: "images" }
  /** Input gradients of 3x3 filters with stride 2, for software adapters. */
  | { readonly kind: "strided" }
  /** 3x3 filters over 16 channels in a transformed domain, for software adapters. */
  | { readonly kind: "strips" }
  /** Tiles in workgroup memory; by arithmetic on the shape where none is given. */
  | { readonly kind: "tiles"; readonly tile?: Tile | undefined }
  /** 3x3 filters in a transformed domain. */
  | { readonly kind: "winograd" } & Winograd;

const TILES = new Map(MEASURED_TILES.map((tile) => [tileName(tile), tile]));

/** Such as `tiles 128x64x8x8`, `winograd 4 64` or `winograd 4 64 128x64x8x8`. */
export function formName(form: ConvForm): string {
  if (form.kind === "winograd") {
    const name = `winograd ${form.tile} ${form.mebibytes}`;
    return form.cut ? `${name} ${tileName(form.cut)}` : name;
  }
  return form.kind === "tiles" && form.tile
    ? `tiles ${tileName(form.tile)}`
    : form.kind;
}

/**
 * The form of that name.
 *
 * @throws {RangeError} if there is none.
 */
export function formNamed(name: string): ConvForm {
  const [kind, first, second, third] = name.split(" ");
  const tile = TILES.get(first ?? "");
  if (kind === "direct" || kind === "lanes" || kind === "narrow") {
    return { kind };
  }
  if (kind === "images" || kind === "strided" || kind === "strips") {
    return { kind };
  }
  if (kind === "tiles" && (tile || first === undefined)) return { kind, tile };
  const mebibytes = Number(second);
  const cut = TILES.get(third ?? "");
  if (
    kind === "winograd" && /^[24]$/.test(first ?? "") && mebibytes > 0 &&
    (cut || third === undefined)
  ) {
    return { kind, tile: Number(first) as 2 | 4, mebibytes, cut };
  }
  throw new RangeError(
    `Cannot convolve: expected a form such as "direct", "lanes", "tiles 128x64x8x8" or "winograd 4 64" but found "${name}"`,
  );
}

/** What the forms for subgroups of eight lanes can compute. */
const LANES = {
  lanes: () => true,
  images: isImages,
  strided: isStrided,
  strips: isStrips,
} as const;

/** Whether a form can compute a pass on a target at all. */
export function canCompute(
  form: ConvForm,
  { pass, sizes, target }: {
    readonly pass: ConvPass;
    readonly sizes: ConvProblem;
    readonly target: Target;
  },
): boolean {
  if (form.kind === "narrow") return isNarrow(pass, sizes);
  if (form.kind in LANES) {
    const fits = LANES[form.kind as keyof typeof LANES];
    return target.subgroupSize === 8 && fits(pass, sizes);
  }
  if (form.kind !== "winograd") return true;
  return isWinograd(sizes, form, {
    weightGradient: pass === "weight gradient",
  });
}

/** MiB of scratch space that Winograd's method is measured with. */
const MEBIBYTES = [16, 64, 128];

/** Tiles that it is measured with, in 64 MiB: those for many filters. */
const LARGE_TILES = MEASURED_TILES.filter(({ TILE_N }) => TILE_N >= 64);

/** The forms that a measurement compares, for one pass on one target. */
export function formsToMeasure(
  asked: Parameters<typeof canCompute>[1],
): ConvForm[] {
  const winograd = ([2, 4] as const).flatMap((tile) =>
    [
      ...MEBIBYTES.map((mebibytes) => ({ mebibytes, cut: undefined })),
      ...LARGE_TILES.map((cut) => ({ mebibytes: 64, cut })),
    ].map((options) => ({ kind: "winograd", tile, ...options }) as const)
  );
  const forms: ConvForm[] = [
    ...MEASURED_TILES.map((tile) => ({ kind: "tiles", tile }) as const),
    ...winograd,
    { kind: "narrow" },
    { kind: "lanes" },
    { kind: "images" },
    { kind: "strided" },
    { kind: "strips" },
    { kind: "direct" },
  ];
  return forms.filter((form) => canCompute(form, asked));
}
