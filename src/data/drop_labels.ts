// Drops the labels of a part of a split, for methods that learn from images alone. The part
// is the first images of one fixed permutation, whatever the seed and the order of classes.
// The labels themselves are not returned, so that no other code can use them.

import { permutation } from "../base/random_sequence.ts";
import { UserError } from "../base/errors.ts";
import type { Labels, Split } from "./dataset.ts";

/** Images without labels. */
export type UnlabeledImages = Pick<Split, "images" | "count">;

/**
 * How many of `count` images lose their labels.
 *
 * @throws {UserError} if none would keep its label.
 */
export function unlabeledCount(count: number, fraction: number): number {
  const dropped = Math.round(count * fraction);
  if (fraction >= 0 && dropped < count) return dropped;
  throw new UserError(
    "Cannot drop labels: expected a fraction that leaves some of " +
      `${count} images theirs but found ${fraction}`,
  );
}

/**
 * Drops the labels of a part of a split, from 0 to 1. Both parts are copies, in
 * the split's order.
 *
 * @throws {UserError} if no image would keep its label.
 */
export function dropLabels(
  split: Split,
  fraction: number,
): { readonly labeled: Split; readonly unlabeled: UnlabeledImages } {
  const { count } = split;
  const order = permutation({ seed: 0, stream: "withheld", step: 0 }, count);
  const dropped = unlabeledCount(count, fraction);
  const [without, within] = [order.slice(0, dropped), order.slice(dropped)]
    .map((indices) => indices.sort());
  return {
    labeled: {
      ...imagesAt(split, within!),
      labels: labelsAt(split, within!),
    },
    unlabeled: imagesAt(split, without!),
  };
}

function labelsAt({ labels }: Split, indices: Uint32Array): Labels {
  const chosen = labels.slice(0, indices.length);
  indices.forEach((image, i) => chosen[i] = labels[image]!);
  return chosen;
}

function imagesAt(
  { images, count }: Split,
  indices: Uint32Array,
): UnlabeledImages {
  const bytes = images.length / count;
  const chosen = new Uint8Array(indices.length * bytes);
  indices.forEach((image, i) =>
    chosen.set(images.subarray(image * bytes, (image + 1) * bytes), i * bytes)
  );
  return { images: chosen, count: indices.length };
}
