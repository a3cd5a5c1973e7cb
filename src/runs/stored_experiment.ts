// An experiment as it comes back from a file, which a person may have edited. Its keys
// and kinds of values are checked before anything reads them, then the whole is checked
// as any experiment is.

import { mismatch } from "../base/schema.ts";
import { UserError } from "../base/errors.ts";
import { checkExperiment, type Experiment } from "../config/experiment.ts";
import { EXPERIMENT_SCHEMA } from "../config/experiment_schema.ts";
import { asObject } from "./stored_json.ts";
import {
  anyObject,
  checkShape,
  nullable,
  object,
  type Shape,
  text,
} from "./stored_shape.ts";

/** What an experiment has besides what decides its run. */
type Named = Pick<Experiment, "name" | "title" | "reported">;

const NAMED: Shape = object<Named>({
  name: text,
  title: text,
  reported: nullable(anyObject),
});

/**
 * The experiment in a parsed JSON value.
 *
 * @param source What to call the value in errors.
 * @throws {UserError} if a part is missing, unknown or of another kind, and as
 * {@linkcode checkExperiment} does.
 */
export function storedExperiment(value: unknown, source: string): Experiment {
  const found = asObject(value, source);
  checkShape<Named>(found, { shape: NAMED, source });
  const { name: _, title: _title, reported: _reported, ...decisive } = found;
  const wrong = mismatch(decisive, EXPERIMENT_SCHEMA);
  if (wrong) {
    throw new UserError(
      `Cannot read ${source}: expected ${wrong.path} to be ${wrong.expected} ` +
        `but found ${wrong.found}`,
    );
  }
  const experiment = found as unknown as Experiment;
  checkExperiment(experiment);
  return experiment;
}
