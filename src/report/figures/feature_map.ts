// Features in the plane by t-SNE, as in the FRPAT paper's figures: up to 512 test
// images of at most ten classes, each clean and adversarial, placed together.
// Places of two pictures cannot be compared, only what lies beside what.

import type { Device } from "../../gpu/device.ts";
import { uniform } from "../../base/random_sequence.ts";
import type { Chart } from "./chart.ts";
import { tsne } from "./tsne.ts";

/** Features and what they are of. */
export interface FeatureMapOptions {
  /** (count, features), of clean images and of the same images attacked. */
  readonly clean: Float32Array;
  readonly adversarial: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  /** The attack's name. */
  readonly attack: string;
  /** Chooses ten classes where there are more. */
  readonly seed: number;
}

/** Images and classes that are shown at most. */
export const MOST_IMAGES = 512;
const MOST_CLASSES = 10;

/** The perplexity, about the number of neighbors; less where there are few points. */
const PERPLEXITY = 30;

/** The chart of two points for each image. */
export async function featureMap(
  device: Device,
  options: FeatureMapOptions,
): Promise<Chart> {
  const { labels, classNames, attack } = options;
  const classes = chosenClasses(options);
  const shown = Array.from(labels, (_, i) => i)
    .filter((i) => classes.includes(labels[i]!)).slice(0, MOST_IMAGES);
  const kinds = { clean: options.clean, adversarial: options.adversarial };
  const values = Object.values(kinds).flatMap((features) => {
    const size = features.length / labels.length;
    return shown.map((i) => features.subarray(i * size, (i + 1) * size));
  });
  const count = values.length;
  const places = await tsne(device, { values: joined(values), count }, {
    perplexity: Math.min(PERPLEXITY, (count - 1) / 3),
  });
  return {
    kind: "scatter",
    name: "features",
    title: "Features before the last layer, by t-SNE",
    description: `The features of ${shown.length} test images of ` +
      `${classes.length} classes, clean as circles and under ${attack} as ` +
      `crosses, placed by t-SNE so that similar ones are near each other.`,
    colors: "class",
    shapes: "images",
    points: Object.keys(kinds).flatMap((shape, kind) =>
      shown.map((i, at) => ({
        x: places[2 * (kind * shown.length + at)]!,
        y: places[2 * (kind * shown.length + at) + 1]!,
        color: classNames[labels[i]!]!,
        shape,
      }))
    ),
  };
}

/** All classes, or ten of them in their order. */
function chosenClasses(
  { classNames, seed }: Pick<FeatureMapOptions, "classNames" | "seed">,
): number[] {
  const draws = uniform(
    { seed, stream: "figure/classes", step: 0 },
    classNames.length,
  );
  return classNames.map((_, label) => label)
    .sort((a, b) => draws[a]! - draws[b]!).slice(0, MOST_CLASSES)
    .sort((a, b) => a - b);
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const size = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * size);
  rows.forEach((row, i) => all.set(row, i * size));
  return all;
}
