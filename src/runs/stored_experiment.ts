// An experiment as it comes back from a file, which a person may have edited. The
// parts are checked for their kind before anything reads them, then the whole is
// checked as any experiment is.

import { checkExperiment } from "../config/check_experiment.ts";
import type { Experiment } from "../config/experiment.ts";
import { asObject } from "./stored_json.ts";

type Kind =
  | "string"
  | "number"
  | "boolean"
  | "object"
  | "array"
  | "object or null"
  | "object or nothing";

/** Every part of an experiment; the compiler sees to it that none is forgotten. */
const PARTS: Readonly<Record<keyof Experiment, Kind>> = {
  name: "string",
  title: "string",
  seed: "number",
  epochs: "number",
  batchSize: "number",
  recompute: "boolean",
  precision: "string",
  data: "object",
  augmentation: "object",
  student: "object",
  teacher: "object or null",
  objective: "object",
  regularizers: "array",
  unlabeled: "object or nothing",
  attack: "object or null",
  weightPerturbation: "object or null",
  optimizer: "object",
  evaluation: "object",
  reported: "object or null",
};

/**
 * The experiment in a parsed JSON value.
 *
 * @param source What to call the value in errors.
 * @throws {SyntaxError} if a part is missing, unknown or of another kind.
 * @throws {RangeError} as {@linkcode checkExperiment} does.
 */
export function storedExperiment(value: unknown, source: string): Experiment {
  const found = asObject(value, source);
  for (const [part, kind] of Object.entries(PARTS)) {
    const actual = kindOf(found[part]);
    if (actual !== kind && !kind.split(" or ").includes(actual)) {
      throw new SyntaxError(
        `Cannot read ${source}: expected "${part}" to be of kind ${kind} ` +
          `but found ${actual}`,
      );
    }
  }
  const unknown = Object.keys(found).find((part) => !(part in PARTS));
  if (unknown !== undefined) {
    throw new SyntaxError(
      `Cannot read ${source}: expected the parts of an experiment but found ` +
        `"${unknown}"`,
    );
  }
  const experiment = found as unknown as Experiment;
  try {
    checkExperiment(experiment);
  } catch (error) {
    // A field that is missing further down surfaces as the program's own mistake.
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError(
      `Cannot read ${source}: expected a complete experiment but found ` +
        `"${error.message}"`,
      { cause: error },
    );
  }
  return experiment;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
