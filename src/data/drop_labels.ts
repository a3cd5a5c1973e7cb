// Drops the labels of a part of a split, for methods that learn from images alone. The part
// is the first images of one fixed permutation, whatever the seed and the order of classes.
// The labels themselves are not returned, so that no other code can use them.

import { permutation } from "../base/random_sequence.ts";
import { UserError } from "../base/errors.ts";
import type { Labels } from "./dataset.ts";
import type { TrainingSplit } from "./float_images.ts";

/** Images without labels. */
export type UnlabeledImages = Pick<
  TrainingSplit,
  "images" | "count" | "features"
>;

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
export function dropLabels<S extends TrainingSplit>(
  split: S,
  fraction: number,
): {
  readonly labeled: S;
  readonly unlabeled:
    & Pick<S, "images" | "count">
    & Pick<TrainingSplit, "features">;
} {
  const { count } = split;
  const order = permutation({ seed: 0, stream: "withheld", step: 0 }, count);
  const dropped = unlabeledCount(count, fraction);
  const [without, within] = [order.slice(0, dropped), order.slice(dropped)]
    .map((indices) => indices.sort());
  return {
    labeled: {
      ...split,
      ...imagesAt(split, within!),
      labels: labelsAt(split, within!),
      ...(split.targets && {
        targets: rowsAt(split.targets, { count, indices: within! }),
      }),
    },
    unlabeled: imagesAt(split, without!),
  };
}

function labelsAt({ labels }: TrainingSplit, indices: Uint32Array): Labels {
  const chosen = labels.slice(0, indices.length);
  indices.forEach((image, i) => chosen[i] = labels[image]!);
  return chosen;
}

function imagesAt<S extends TrainingSplit>(
  { images, count, features }: S,
  indices: Uint32Array,
): Pick<S, "images" | "count"> & Pick<TrainingSplit, "features"> {
  return {
    images: rowsAt(images, { count, indices }),
    count: indices.length,
    ...(features && { features: rowsAt(features, { count, indices }) }),
  };
}

/** Some of `count` equal parts of an array. */
function rowsAt<T extends TrainingSplit["images"]>(
  values: T,
  { count, indices }: {
    readonly count: number;
    readonly indices: Uint32Array;
  },
): T {
  const size = values.length / count;
  const chosen = values.slice(0, indices.length * size) as T;
  indices.forEach((row, i) =>
    chosen.set(values.subarray(row * size, (row + 1) * size), i * size)
  );
  return chosen;
}
