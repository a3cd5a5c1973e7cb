// From the folders of finished runs to a study: what tables and pictures need of each
// run, and nothing else, so that a study of fifty runs is a file of some ten kilobytes.

import { UserError } from "../../src/base/errors.ts";
import { configText } from "../../src/config/config_text.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { sameSetting } from "../../src/config/same_experiment.ts";
import { RECIPES } from "../../src/recipes/mod.ts";
import {
  evaluationPoints,
  IMAGES,
} from "../../src/report/figures/training_curves.ts";
import type { ReportedRun } from "../../src/report/reported_run.ts";
import { selectionText } from "../../src/runs/card_table.ts";
import { relationText } from "../../src/runs/relation_result.ts";
import { reportedLabel } from "../../src/runs/reported_result.ts";
import type { EpochResult, ResultCard } from "../../src/runs/result_card.ts";
import { namedGroups } from "./groups.ts";
import {
  type CurvePoint,
  type Measures,
  type Study,
  STUDY_FORMAT,
  type StudyGroup,
  type StudyRun,
} from "./study.ts";

/** A run with its card. */
type FinishedRun = ReportedRun & { readonly card: ResultCard };

/**
 * The study of these runs, groups in the order of the recipes.
 *
 * @throws {UserError} naming the first run that is not finished, or that has the setting
 * and the seed of another one.
 */
export function studyOf(
  runs: readonly ReportedRun[],
  { name, commands, pictures }: Pick<Study, "name" | "commands" | "pictures">,
): Study {
  const finished = runs.map(finishedRun);
  const distinct = (of: (run: FinishedRun) => string): string[] =>
    [...new Set(finished.map(of))].sort();
  return {
    format: STUDY_FORMAT,
    name,
    commands,
    devices: distinct(({ environment }) => environment.adapter.description),
    deno: distinct(({ environment }) => environment.deno),
    commits: distinct(({ environment }) => environment.commit ?? "unknown"),
    date: distinct(({ lines }) => lines.at(-1)?.time?.slice(0, 10) ?? "")
      .at(-1)!,
    notes: [...new Set(finished.flatMap(notesOf))],
    images: distinct(({ experiment }) => IMAGES[curveSplit(experiment)])
      .join(" and "),
    pictures,
    groups: groupsOf(finished),
  };
}

function finishedRun(run: ReportedRun): FinishedRun {
  const { card, path } = run;
  if (card) return { ...run, card };
  throw new UserError(
    `Cannot add ${path} to a study: expected a finished run but found no card`,
  );
}

function groupsOf(runs: readonly FinishedRun[]): StudyGroup[] {
  const groups: FinishedRun[][] = [];
  const place = ({ name }: Experiment) =>
    RECIPES.findIndex((recipe) => recipe.name === name);
  const sorted = runs.toSorted((a, b) =>
    place(a.experiment) - place(b.experiment) ||
    a.experiment.seed - b.experiment.seed
  );
  for (const run of sorted) {
    const group = groups.find(([first]) => isSameGroup(first!, run));
    if (!group) groups.push([run]);
    else refuseTwin(group, run).push(run);
  }
  const made = groups.map((group): StudyGroup => {
    const { experiment: { seed: _, ...experiment }, environment } = group[0]!;
    const { contents } = environment.dataset;
    return { experiment, contents, runs: group.map(studyRun) };
  });
  return sortedBySettings(made);
}

/** Groups of one recipe in the order of the numbers that they differ in. */
function sortedBySettings(groups: readonly StudyGroup[]): StudyGroup[] {
  const byRecipe = Map.groupBy(groups, ({ experiment }) => experiment.name);
  return [...byRecipe.values()].flatMap((alike) =>
    [...namedGroups({ groups: alike })]
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([, group]) => group)
  );
}

function isSameGroup(one: FinishedRun, other: FinishedRun): boolean {
  return one.experiment.name === other.experiment.name &&
    one.environment.dataset.contents === other.environment.dataset.contents &&
    sameSetting(one.experiment, other.experiment);
}

/** The group, unless it has a run of this seed already. */
function refuseTwin(group: FinishedRun[], run: FinishedRun): FinishedRun[] {
  const { seed } = run.experiment;
  const twin = group.find(({ experiment }) => experiment.seed === seed);
  if (!twin) return group;
  throw new UserError(
    `Cannot add ${run.path} to a study: expected another setting or seed than ` +
      `${twin.path} has but found ${run.experiment.name}, seed ${seed}, again`,
  );
}

function studyRun({ card, ...run }: FinishedRun): StudyRun {
  return {
    seed: card.seed,
    secondsPerEpoch: rounded(card.secondsPerEpoch),
    best: measuresOf(card.best),
    last: measuresOf(card.last),
    curves: curvesOf(run),
  };
}

function measuresOf({ epoch, student }: EpochResult): Measures {
  const { clean, attacks, relation } = student;
  const scores = (percents: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(percents).map(([k, score]) => [k, rounded(score)]),
    );
  return {
    epoch,
    clean: rounded(clean),
    attacks: Object.fromEntries(
      Object.entries(attacks).map(([name, { accuracy }]) => [
        name,
        rounded(accuracy),
      ]),
    ),
    ...relation && {
      relation: {
        clean: scores(relation.relationClean),
        robust: scores(relation.relationRobust),
      },
    },
  };
}

/** Accuracies on held-out images, else on test images, and on batches of training. */
function curvesOf(
  run: Omit<ReportedRun, "card">,
): Record<string, CurvePoint[]> {
  const student = {
    ...run,
    lines: run.lines.filter((line) =>
      line.kind !== "evaluation" || line.network === "student"
    ),
  };
  const points = evaluationPoints(student, curveSplit(run.experiment));
  const curves: Record<string, CurvePoint[]> = {};
  for (const { series, x, y } of points) {
    (curves[series] ??= []).push([x, rounded(y)]);
  }
  const training = run.lines.flatMap((line): CurvePoint[] => {
    if (line.kind !== "epoch") return [];
    const accuracy = line.means["adversarialAccuracy"];
    return accuracy === undefined
      ? []
      : [[line.epoch, rounded(100 * accuracy)]];
  });
  return training.length > 0 ? { ...curves, training } : curves;
}

function curveSplit({ evaluation }: Experiment) {
  return evaluation.validation > 0 ? "validation" : "curve";
}

function notesOf({ card }: FinishedRun): string[] {
  const { dataset, selection, best, last } = card;
  const students = [best.student, last.student];
  const attacks = students.flatMap(({ attacks }) => Object.entries(attacks));
  return [
    `Data: ${dataset.title}`,
    ...selection ? [`Best epoch: ${selectionText(selection)}`] : [],
    ...attacks.map(([name, { config, count }]) =>
      `${reportedLabel(name)}: ${configText(config)}, on ${count} images`
    ),
    ...students.flatMap(({ relation }) =>
      relation ? [`k-NN: ${relationText(relation)}`] : []
    ),
  ];
}

/** A percentage or seconds with the digits that matter. */
function rounded(value: number): number {
  return Number(value.toFixed(3));
}
