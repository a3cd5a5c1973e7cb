// Features in the plane by t-SNE, as in the FRPAT paper's figures: up to 512 images of
// at most ten classes, each clean and adversarial, placed together. Places of two
// pictures cannot be compared, only what lies beside what.

import type { Device } from "../../gpu/device.ts";
import type { Split } from "../../data/dataset.ts";
import { uniform } from "../../base/random_sequence.ts";
import type { Chart } from "./chart.ts";
import { tsne } from "./tsne.ts";

/** Images and classes that are shown at most. */
export const MOST_IMAGES = 512;
const MOST_CLASSES = 10;

/** Neighbors that a point looks at; fewer where there are few points. */
const PERPLEXITY = 30;

/** Of which images there are pictures: test images, and training images beside them. */
export type MappedSplit = "test" | "training";

/** Which images to show. */
export interface ShownImages {
  readonly classNames: readonly string[];
  /** Chooses ten classes where there are more. */
  readonly seed: number;
  /** How many images; 512 at most. */
  readonly limit: number;
}

/** The first images of all classes, or of ten of them: as many as there are, or asked. */
export function shownImages(split: Split, shown: ShownImages): Split {
  const classes = chosenClasses(shown);
  const most = Math.min(shown.limit, MOST_IMAGES);
  const places = Array.from(split.labels, (_, i) => i)
    .filter((i) => classes.includes(split.labels[i]!)).slice(0, most);
  const size = split.images.length / split.count;
  const images = new Uint8Array(places.length * size);
  places.forEach((i, at) =>
    images.set(split.images.subarray(i * size, (i + 1) * size), at * size)
  );
  const labels = split.labels.slice(0, places.length);
  places.forEach((i, at) => labels[at] = split.labels[i]!);
  return { images, labels, count: places.length };
}

/** Features and what they are of. */
export interface FeatureMapOptions {
  /** (count, features), of clean images and of the same images attacked. */
  readonly clean: Float32Array;
  readonly adversarial: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  /** The attack's name. */
  readonly attack: string;
  /** What the images are; the picture of training images is a small one. */
  readonly split: MappedSplit;
}

/** The chart of two points for each image. */
export async function featureMap(
  device: Device,
  { clean, adversarial, labels, classNames, attack, split }: FeatureMapOptions,
): Promise<Chart> {
  const count = 2 * labels.length;
  const values = new Float32Array(clean.length + adversarial.length);
  values.set(clean);
  values.set(adversarial, clean.length);
  const places = await tsne(device, { values, count }, {
    perplexity: Math.min(PERPLEXITY, (count - 1) / 3),
  });
  const classes = new Set(Array.from(labels)).size;
  const kinds = ["clean", "adversarial"];
  return {
    kind: "scatter",
    name: split === "test" ? "features" : "training-features",
    title: split === "test"
      ? "Features before the last layer, by t-SNE"
      : "The same of training images",
    description: `The features of ${labels.length} ${split} images of ` +
      `${classes} classes, clean as circles and under ${attack} as ` +
      `crosses, placed by t-SNE so that similar ones are near each other.`,
    colors: "class",
    shapes: "images",
    small: split === "training",
    points: kinds.flatMap((shape, kind) =>
      Array.from(labels, (label, i) => ({
        x: places[2 * (kind * labels.length + i)]!,
        y: places[2 * (kind * labels.length + i) + 1]!,
        color: classNames[label]!,
        shape,
      }))
    ),
  };
}

/** All classes, or ten of them in their order. */
function chosenClasses(
  { classNames, seed }: Pick<ShownImages, "classNames" | "seed">,
): number[] {
  const draws = uniform(
    { seed, stream: "figure/classes", step: 0 },
    classNames.length,
  );
  return classNames.map((_, label) => label)
    .sort((a, b) => draws[a]! - draws[b]!).slice(0, MOST_CLASSES)
    .sort((a, b) => a - b);
}
