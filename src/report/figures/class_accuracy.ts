// Accuracy by class, clean and under attack: robust networks are often much worse at some
// classes than on average.

import type { Bar, Chart } from "./chart.ts";

/** Predictions for images of known classes. */
export interface ClassifiedImages {
  /** The kind of images: "clean", "pgd-20". */
  readonly name: string;
  readonly predictions: readonly number[];
}

/** A bar for each class and kind of images. */
export function classAccuracyChart(
  kinds: readonly ClassifiedImages[],
  { labels, classNames }: {
    readonly labels: ArrayLike<number>;
    readonly classNames: readonly string[];
  },
): Chart {
  const bars = classNames.flatMap((group, label) =>
    kinds.flatMap(({ name, predictions }): Bar[] => {
      const own = predictions.filter((_, i) => labels[i] === label);
      if (own.length === 0) return [];
      const hits = own.filter((prediction) => prediction === label).length;
      return [{ group, series: name, value: 100 * hits / own.length }];
    })
  );
  const worst = kinds.map(({ name }) => {
    const own = bars.filter(({ series }) => series === name);
    const least = own.reduce((a, b) => b.value < a.value ? b : a);
    return `${name} is lowest for ${least.group}, ${least.value.toFixed(1)} %`;
  });
  return {
    kind: "bars",
    name: "class-accuracy",
    title: "Accuracy by class",
    description: `Accuracy on ${labels.length} test images by class, in ` +
      `percent: ${worst.join("; ")}.`,
    groups: "class",
    y: { title: "accuracy (%)", domain: [0, 100] },
    bars,
  };
}
