// A study: finished runs that answer one question, kept as plain data in
// docs/results/NAME.json. Runs that differ in nothing but their seeds are a group; the
// tables and pictures of the documentation show groups. An experiment is kept whole, so
// that a study still says what was run when recipes have changed.

import type { Experiment } from "../../src/config/experiment.ts";
import type { ResultCard } from "../../src/runs/result_card.ts";
import { readText } from "../../src/base/disk.ts";
import { checkFormat, parseJson } from "../../src/runs/stored_json.ts";

/** The format of a study's file. */
export const STUDY_FORMAT = "frpat-study-1";

/** Epochs completed, and a percentage after them. */
export type CurvePoint = readonly [epoch: number, percent: number];

/** What was measured of the student after an epoch, in percent. */
export interface Measures {
  readonly epoch: number;
  readonly clean: number;
  /** Accuracy by attack. */
  readonly attacks: Readonly<Record<string, number>>;
  /** The relationship score by number of neighbors, where it was measured. */
  readonly relation?: {
    readonly clean: Readonly<Record<string, number>>;
    readonly robust: Readonly<Record<string, number>>;
  };
}

/** One finished run. */
export interface StudyRun {
  readonly seed: number;
  readonly secondsPerEpoch: number;
  readonly best: Measures;
  readonly last: Measures;
  /** As training went on: "clean" and attacks, and "training" for its own batches. */
  readonly curves: Readonly<Record<string, readonly CurvePoint[]>>;
}

/** Runs of one experiment, by their seeds. */
export interface StudyGroup {
  readonly experiment: Omit<Experiment, "seed">;
  /** The SHA-256 of the images and labels. */
  readonly contents: string;
  readonly runs: readonly StudyRun[];
}

/** A picture in docs/images that was copied from a run. */
export interface StudyPicture {
  readonly file: string;
  readonly description: string;
}

/** Groups of runs, and where they come from. */
export interface Study {
  readonly format: typeof STUDY_FORMAT;
  readonly name: string;
  /** The commands that made the runs. */
  readonly commands: readonly string[];
  /** Adapters, versions of Deno and the program's commits: one of each, if all went well. */
  readonly devices: readonly string[];
  readonly deno: readonly string[];
  readonly commits: readonly string[];
  /** The day on which the last run ended, such as 2026-01-31. */
  readonly date: string;
  /** The data sets, what chose the best epochs, and every attack, in words. */
  readonly notes: readonly string[];
  /** The images that curves over epochs are measured on, such as "held-out images". */
  readonly images: string;
  readonly pictures: readonly StudyPicture[];
  readonly groups: readonly StudyGroup[];
}

/** What chose a best epoch or holds after the last one, as a card names them. */
export type At = keyof Pick<ResultCard, "best" | "last">;

/**
 * Reads a study's file.
 *
 * @throws {UserError} if it is none.
 */
export async function readStudy(path: string): Promise<Study> {
  const value = parseJson(await readText(path), path) as Study;
  checkFormat(value.format, { expected: STUDY_FORMAT, source: path });
  return value;
}

/** A study as the text of its file, with a line for each group and each run. */
export function studyText({ groups, ...study }: Study): string {
  const head = JSON.stringify(study, null, 2).replace(/\n}$/, ",");
  const groupText = ({ runs, ...group }: StudyGroup): string => {
    const lines = runs.map((run) => `\n      ${JSON.stringify(run)}`);
    return `\n    ${JSON.stringify(group).slice(0, -1)},"runs":[${lines}]}`;
  };
  return `${head}\n  "groups": [${groups.map(groupText)}\n  ]\n}\n`;
}
