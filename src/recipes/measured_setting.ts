// What settings without regularizers reach, measured over several seeds, to stand beside
// a run of the same setting with one. `measured.gen.ts` has the numbers, which
// `deno task results` takes from the studies in docs/results.

import type { Experiment } from "../config/experiment.ts";
import { sameSetting, type Seedless } from "../config/same_experiment.ts";

/** A percentage over seeds: its mean, and the standard deviation of a sample. */
export interface SeedSpread {
  readonly mean: number;
  readonly deviation: number;
}

/** Accuracies of the student at one epoch. */
export interface MeasuredAccuracies {
  readonly clean: SeedSpread;
  /** By the attack's name in the experiment. */
  readonly attacks: Readonly<Record<string, SeedSpread>>;
}

/** What a setting was measured to reach. */
export interface MeasuredComparison {
  /** The recipe's name. */
  readonly name: string;
  /** The objective's name. */
  readonly method: string;
  /** The number of seeds. */
  readonly seeds: number;
  readonly best: MeasuredAccuracies;
  readonly last: MeasuredAccuracies;
}

/** A measured setting. */
export interface MeasuredSetting extends MeasuredComparison {
  /** The SHA-256 of the images and labels. */
  readonly contents: string;
  readonly setting: Seedless;
}

/**
 * What the experiment without its regularizers and their teacher reaches; null where that
 * is not known, since some setting or the images are not those that were measured.
 *
 * @param options.contents The SHA-256 of the experiment's images and labels.
 */
export function measuredWithout(
  experiment: Experiment,
  { contents, among }: {
    readonly contents: string;
    readonly among: readonly MeasuredSetting[];
  },
): MeasuredComparison | null {
  if (experiment.regularizers.length === 0) return null;
  const { teacherFeatures: _, ...own } = experiment;
  const bare = { ...own, regularizers: [], teacher: null };
  const found = among.find((one) =>
    one.contents === contents && sameSetting(one.setting, bare)
  );
  if (!found) return null;
  const { name, method, seeds, best, last } = found;
  return { name, method, seeds, best, last };
}
