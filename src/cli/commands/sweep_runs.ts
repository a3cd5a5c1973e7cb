// The list of runs that a sweep's words ask for: the same words give the same list on
// every machine, so that several sweeps can share it, each taking every n-th run.

import { UsageError } from "../../base/errors.ts";
import { applySettings } from "../../config/settings.ts";
import { settingGrid } from "../../config/setting_grid.ts";
import type { Experiment } from "../../config/experiment.ts";
import { matchingRecipes } from "../../recipes/mod.ts";
import { defaultRunPath } from "../../runs/run_folder.ts";
import type { SweepRun } from "../../trainer/sweep.ts";
import type { Invocation } from "./invocation.ts";

/** A run and what makes it of its recipe, beside the seed and the epochs. */
export interface PlannedRun extends SweepRun {
  /** What follows its `--set`s. */
  readonly settings: readonly string[];
}

/**
 * The runs that an invocation asks for: recipe after recipe, of each point after point
 * of the grid, of each seed after seed.
 *
 * @throws {UserError} for words that give no list, or two runs one folder.
 */
export function plannedRuns(invocation: Invocation, out: string): PlannedRun[] {
  const seeds = seedsOf(invocation.value("seeds"));
  const runs = matchingRecipes(invocation.args).flatMap((recipe) =>
    settingGrid(recipe, invocation.values("set")).flatMap((point) =>
      (seeds ?? [recipe.seed]).map((seed): PlannedRun => {
        const { settings, chosen } = point;
        const before = [...epochsOf(invocation), `seed=${seed}`];
        const experiment = applySettings(recipe, [...before, ...settings]);
        const path = pathOf(experiment, { out, chosen });
        const label = [recipe.name, ...shortened(chosen)].join(" ");
        return { experiment, path, label, settings };
      })
    )
  );
  checkData(invocation, runs);
  checkPaths(runs);
  return runs;
}

/** The shard that an invocation asks for; the whole list, 1 of 1, if it asks for none. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/**
 * Reads a shard such as 2/8.
 *
 * @throws {UsageError} for anything else.
 */
export function shardOf(text: string | undefined): Shard {
  if (text === undefined) return { number: 1, of: 1 };
  const [, number = NaN, of = NaN] =
    /^(\d+)\/(\d+)$/.exec(text.trim())?.map(Number) ?? [];
  if (number >= 1 && number <= of) return { number, of };
  throw new UsageError(
    "Cannot use --shard: expected a number and how many there are, from 1/8 " +
      `to 8/8, but found ${text}`,
  );
}

/** Every `of`-th run of a list, from the `number`-th one on. */
export function shardRuns<R>(runs: readonly R[], { number, of }: Shard): R[] {
  return runs.filter((_, i) => i % of === number - 1);
}

function epochsOf(invocation: Invocation): string[] {
  const epochs = invocation.value("epochs");
  return epochs === undefined ? [] : [`epochs=${epochs}`];
}

/** A run's folder, whose name has what was picked from lists of values. */
function pathOf(
  { name, seed }: Experiment,
  { out, chosen }: { readonly out: string; readonly chosen: readonly string[] },
): string {
  const marks = shortened(chosen).map((one) => one.replace(/[^\w.=-]+/g, "-"));
  const path = defaultRunPath({ name, seed });
  const marked = [path.replace(/-seed\d+$/, ""), ...marks, `seed${seed}`];
  return marked.join("-").replace(/^runs(?=\/)/, out);
}

/** Settings by the last part of their keys where that tells them apart. */
function shortened(settings: readonly string[]): string[] {
  const last = (setting: string): string =>
    setting.replace(/^[^=]*\.(?=[^.=]+=)/, "");
  const keys = settings.map((one) => last(one).replace(/=.*$/s, ""));
  const distinct = new Set(keys).size === keys.length;
  return distinct ? settings.map(last) : [...settings];
}

/** A list of seeds; null where none was given. */
function seedsOf(text: string | undefined): readonly number[] | null {
  if (text === undefined) return null;
  const seeds = text.split(",").map((part) =>
    /^\d+$/.test(part.trim()) ? Number(part) : NaN
  );
  if (seeds.some(isNaN) || new Set(seeds).size < seeds.length) {
    throw new UsageError(
      `Cannot use --seeds ${text}: expected different whole numbers such as ` +
        `1,2,3 but found ${text}`,
    );
  }
  return seeds;
}

/** Refuses one folder of images for several data sets. */
function checkData(invocation: Invocation, runs: readonly SweepRun[]): void {
  const sets = new Set(runs.map(({ experiment }) => experiment.data.dataset));
  if (invocation.value("data") === undefined || sets.size < 2) return;
  throw new UsageError(
    "Cannot use --data: expected recipes of one data set but found those of " +
      `${[...sets].join(", ")}; sweep them one after the other`,
  );
}

/** Refuses two runs with one folder. */
function checkPaths(runs: readonly SweepRun[]): void {
  const paths = runs.map(({ path }) => path);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice === undefined) return;
  throw new UsageError(
    `Cannot sweep: expected a folder of its own for each run but found ${twice} ` +
      "twice",
  );
}
