// Reads an experiment from a file, which a person may have edited: it is checked against
// the fields of experiments first.

import { UserError } from "../base/errors.ts";
import { misfitIn } from "../config/check_experiment.ts";
import type { Experiment } from "../config/experiment.ts";
import { asObject } from "./stored_json.ts";

/**
 * The experiment in a parsed JSON value.
 *
 * @param source What to call the value in errors.
 * @throws {UserError} for a missing or unknown field, a value out of its range, and
 * parts that do not fit together.
 */
export function storedExperiment(value: unknown, source: string): Experiment {
  // A file may name a schema for editors.
  const { $schema: _, ...found } = asObject(value, source);
  const experiment = found as unknown as Experiment;
  const wrong = misfitIn(experiment);
  if (!wrong) return experiment;
  throw new UserError(
    `Cannot read ${source}: expected ${wrong.path} to be ${wrong.expected} but ` +
      `found ${wrong.found}; mend it, or go on with the version that wrote it`,
  );
}
