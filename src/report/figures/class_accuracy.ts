// Accuracy by class, clean and under attack: robust networks are often much worse at some
// classes than on average.

import type { Bar, Chart } from "./chart.ts";

/** Predictions for images of known classes. */
export interface ClassifiedImages {
  /** The kind of images: "clean", "pgd-20". */
  readonly name: string;
  readonly predictions: readonly number[];
}

/** A bar for each class and kind of images; beside a class stand its images. */
export function classAccuracyChart(
  kinds: readonly ClassifiedImages[],
  { labels, classNames }: {
    readonly labels: ArrayLike<number>;
    readonly classNames: readonly string[];
  },
): Chart {
  const bars = classNames.flatMap((className, label) =>
    kinds.flatMap(({ name, predictions }): Bar[] => {
      const own = predictions.filter((_, i) => labels[i] === label);
      if (own.length === 0) return [];
      const hits = own.filter((prediction) => prediction === label).length;
      const group = `${className} (${own.length})`;
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
    description:
      `Accuracy on ${labels.length} test images by class, with the number ` +
      `of its images, in percent: ${worst.join("; ")}.${raisedText(bars)}`,
    groups: "class (images)",
    y: { title: "accuracy (%)", domain: [0, 100] },
    bars,
  };
}

/** An explanation for classes that are more accurate under attack than clean. */
function raisedText(bars: readonly Bar[]): string {
  const clean = new Map(
    bars.filter(({ series }) => series === "clean")
      .map(({ group, value }) => [group, value]),
  );
  const raised = bars.filter(({ group, value }) =>
    value > (clean.get(group) ?? 100)
  );
  if (raised.length === 0) return "";
  const groups = [...new Set(raised.map(({ group }) => group))].join(", ");
  return ` Under attack, ${groups} is classified better than clean: the attack ` +
    "made some misclassified images look like their class.";
}
