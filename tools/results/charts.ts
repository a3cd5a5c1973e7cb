// A study's pictures. Curves over epochs show the mean over seeds in a band of one
// standard deviation: one chart for each objective, as more lines than its variants
// cannot be told apart, and for each kind of images. Relationship scores stand against
// TRADES' beta where a study has several.

import type { Chart, LinePoint } from "../../src/report/figures/chart.ts";
import { relationCurves } from "../../src/report/figures/relation_curves.ts";
import { reportedLabel } from "../../src/runs/reported_result.ts";
import { namedGroups, type Spread, spread, spreadText } from "./groups.ts";
import type { Study, StudyGroup, StudyRun } from "./study.ts";

type Named = [name: string, group: StudyGroup];

/** Curves over epochs, a chart for each objective and kind of images. */
export function curveCharts(study: Study): Chart[] {
  const named = [...namedGroups(study)];
  const byObjective = Map.groupBy(
    named,
    ([, { experiment }]) => experiment.objective.method,
  );
  const series = new Set(
    named.flatMap(([, { runs }]) =>
      runs.flatMap(({ curves }) => Object.keys(curves))
    ),
  );
  return [...byObjective].flatMap(([objective, groups]) =>
    [...series].map((one) =>
      curveChart(groups, {
        name: `results-${study.name}-${objective}-${one}`,
        series: one,
        title: seriesTitle(one, study),
      })
    ).filter(hasPoints)
  );
}

function hasPoints(chart: Chart): boolean {
  return chart.kind === "lines" && chart.points.length > 0;
}

function curveChart(
  groups: readonly Named[],
  { name, series, title }: {
    readonly name: string;
    readonly series: string;
    readonly title: string;
  },
): Chart {
  const lines = groups.map(([group, { runs }]) => ({
    label: label(group, groups),
    points: meanCurve(runs, series),
  })).filter(({ points }) => points.length > 0);
  const ends = lines.map(({ label, points }) => {
    const { x, spread } = points.at(-1)!;
    return `${label} ${spreadText(spread, 1)} after epoch ${x}`;
  });
  return {
    kind: "lines",
    name,
    title: `Accuracy: ${title}`,
    description:
      `The accuracy in percent over epochs, ${title}, mean ± standard ` +
      `deviation over seeds: ${ends.join("; ")}.`,
    x: { title: "epoch" },
    y: { title: "accuracy (%)" },
    points: lines.flatMap(({ label, points }) =>
      points.map(({ x, spread: { mean, deviation } }): LinePoint => ({
        series: label,
        x,
        y: mean,
        ...deviation !== null && { deviation },
      }))
    ),
  };
}

/** A group's name without what the others share: the recipes' folder, or the recipe. */
function label(name: string, groups: readonly Named[]): string {
  const recipes = new Set(groups.map(([, { experiment }]) => experiment.name));
  const isOne = recipes.size === 1 && groups.length > 1;
  return isOne ? name.replace(/^\S+ /, "") : name.replace(/^[^/ ]+\//, "");
}

function seriesTitle(series: string, { images }: Study): string {
  if (series === "training") return "adversarial images that are trained on";
  if (series === "clean") return `clean ${images}`;
  return `${images} under ${reportedLabel(series)}`;
}

/** The spread at each epoch that all runs were measured after. */
function meanCurve(
  runs: readonly StudyRun[],
  series: string,
): { readonly x: number; readonly spread: Spread }[] {
  const epochs = new Set(
    runs.flatMap(({ curves }) => (curves[series] ?? []).map(([x]) => x)),
  );
  return [...epochs].sort((a, b) => a - b).flatMap((x) => {
    const value = ({ curves }: StudyRun) =>
      curves[series]?.find(([epoch]) => epoch === x)?.[1];
    if (runs.some((run) => value(run) === undefined)) return [];
    return [{ x, spread: spread(runs, value)! }];
  });
}

/** Mean scores at the best epoch against beta; none for fewer than two values of it. */
export function relationCharts({ name, groups }: Study): Chart[] {
  const chart = relationCurves(groups.map(({ experiment, runs }) => ({
    objective: experiment.objective,
    relation: meanRelation(runs),
  })));
  return chart ? [{ ...chart, name: `results-${name}-scores` }] : [];
}

function meanRelation(runs: readonly StudyRun[]) {
  const [relation] = runs.flatMap(({ best }) => best.relation ?? []);
  if (!relation) return undefined;
  const means = (kind: "clean" | "robust") =>
    Object.fromEntries(
      Object.keys(relation[kind]).map((k) => [
        k,
        spread(runs, ({ best }) => best.relation?.[kind][k])!.mean,
      ]),
    );
  return { relationClean: means("clean"), relationRobust: means("robust") };
}
