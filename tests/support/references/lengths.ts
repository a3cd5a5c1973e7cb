// Euclidean lengths of images, and what is normalized or bounded by them, on float64.

import { sizeOf } from "../../../src/graph/tensor.ts";
import type { Ball } from "../../../src/ops/attack/project.ts";
import type { Reference, Value } from "../reference.ts";

export const lengthL2: Reference = ([x]) => [
  Float64Array.from(imagesOf(x!), length),
];

export const unitL2: Reference = ([x]) => [
  joined(
    imagesOf(x!).map((image) => {
      const divisor = length(image) || 1;
      return image.map((v) => v / divisor);
    }),
  ),
];

export const projectL2: Reference = (
  [point, clean],
  { epsilon, clip }: Omit<Ball, "clean">,
) => {
  const centers = imagesOf(clean!);
  return [
    joined(
      imagesOf(point!).map((image, n) => {
        const x = centers[n]!;
        const d = image.map((y, i) => y - x[i]!);
        const distance = length(d);
        const shrink = distance > epsilon ? epsilon / distance : 1;
        const moved = d.map((d, i) => x[i]! + shrink * d);
        return clip ? moved.map((v) => Math.min(Math.max(v, 0), 1)) : moved;
      }),
    ),
  ];
};

function imagesOf({ data, shape }: Value): Float64Array[] {
  const size = sizeOf(shape.slice(1));
  return Array.from(
    { length: shape[0]! },
    (_, n) => Float64Array.from(data.subarray(n * size, (n + 1) * size)),
  );
}

/** The largest element goes first, so that no square vanishes. */
function length(image: Float64Array): number {
  const largest = image.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (largest === 0) return 0;
  return largest *
    Math.sqrt(image.reduce((sum, v) => sum + (v / largest) ** 2, 0));
}

function joined(images: readonly Float64Array[]): Float64Array {
  return Float64Array.from(images.flatMap((image) => [...image]));
}
