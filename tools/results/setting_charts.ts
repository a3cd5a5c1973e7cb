// What a study's student reaches against a number that its runs were given: a chart for
// each recipe whose groups differ in that number alone, such as FRPAT's weight.

import type { Chart, LinePoint } from "../../src/report/figures/chart.ts";
import { reportedLabel } from "../../src/runs/reported_result.ts";
import { differingSettings, spread, spreadText } from "./groups.ts";
import type { Study, StudyGroup, StudyRun } from "./study.ts";

/** Charts of accuracies after the last epoch, mean over seeds. */
export function settingCharts({ name, groups }: Study): Chart[] {
  const recipes = Map.groupBy(groups, ({ experiment }) => experiment.name);
  return [...recipes].flatMap(([recipe, alike]): Chart[] => {
    const setting = onlyNumber(alike);
    if (!setting) return [];
    const { path, values } = setting;
    const points = alike.flatMap((group, i) => pointsAt(group, values[i]!))
      .sort((a, b) => a.x - b.x);
    return [{
      kind: "lines",
      name: `results-${name}-${recipe.replace(/^.*\//, "")}-setting`,
      title: "Accuracy on test images",
      description:
        `Accuracy in percent of ${recipe} on test images after the last epoch, ` +
        `mean ± standard deviation over seeds, against ${path}: ${
          points.map(pointText).join("; ")
        }.`,
      x: { title: path },
      y: { title: "accuracy (%)" },
      points,
    }];
  });
}

/** The one setting in which groups differ, if it is a number in each. */
function onlyNumber(
  groups: readonly StudyGroup[],
): { readonly path: string; readonly values: readonly number[] } | null {
  const differing = groups.map((group) => differingSettings(group, groups));
  const paths = new Set(differing.flat().map(([path]) => path));
  const values = differing.flat().map(([, value]) => Number(value));
  const [path] = paths;
  if (paths.size !== 1 || values.length !== groups.length) return null;
  return values.every(Number.isFinite) ? { path: path!, values } : null;
}

function pointsAt({ runs }: StudyGroup, x: number): LinePoint[] {
  const attacks = Object.keys(runs[0]!.last.attacks);
  const of = {
    clean: ({ last }: StudyRun) => last.clean,
    ...Object.fromEntries(attacks.map((attack) => [
      reportedLabel(attack),
      ({ last }: StudyRun) => last.attacks[attack],
    ])),
  };
  return Object.entries(of).map(([series, value]) => {
    const { mean, deviation } = spread(runs, value)!;
    return { series, x, y: mean, ...deviation !== null && { deviation } };
  });
}

function pointText({ series, x, y, deviation }: LinePoint): string {
  const found = { mean: y, deviation: deviation ?? null };
  return `${series} ${spreadText(found, 1)} at ${x}`;
}
