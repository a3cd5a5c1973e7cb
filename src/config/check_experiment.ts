// What an experiment must be beyond its types: numbers in their ranges, and parts that
// fit together. Refused before anything runs.

import { UserError } from "../base/errors.ts";
import type { AttackConfig, Experiment } from "./experiment.ts";
import { checkRegularizer, looksAtTeacher } from "./check_regularizer.ts";
import { checkUnlabeled } from "./check_unlabeled.ts";
import { fractionValue } from "../base/fraction.ts";
import { checkStrategy } from "./strategy.ts";
import {
  checkTrainingOnlyAttack,
  type TrainingOnlyAttackConfig,
} from "./training_only_attack.ts";

/** Throws the error about what cannot run. */
export type Refusal = (what: string, expected: string, found: unknown) => never;

/**
 * Refuses an experiment that cannot run, naming what was expected.
 *
 * @throws {UserError} for numbers out of range and parts that do not fit together.
 */
export function checkExperiment(experiment: Experiment): void {
  const { evaluation, attack } = experiment;
  const { fail, whole } = refusals(experiment.name);
  checkSettings(experiment.name, experiment);
  whole("evaluation.validation", evaluation.validation, 1);
  whole("evaluation.every", evaluation.every, 1);
  whole("evaluation.batchSize", evaluation.batchSize, 1);
  for (const [name, config] of Object.entries(evaluation.attacks)) {
    checkAttack(`evaluation.attacks.${name}`, config, fail);
  }
  if (attack) checkAttack("attack", attack, fail);
  checkMethod(experiment);
}

/** Refuses parts of a method that do not fit together. */
function checkMethod(experiment: Experiment): void {
  const { attack, objective, teacher, regularizers } = experiment;
  const { fail, whole } = refusals(experiment.name);
  if ((attack === null) !== (objective.method === "standard")) {
    fail("attack", attack ? `null for ${objective.method}` : "given", attack);
  }
  if (objective.method === "gairat") {
    whole("objective.fromEpoch", objective.fromEpoch, 1);
    if (attack?.method !== "pgd") {
      fail("attack.method", "pgd for gairat", attack?.method);
    }
  }
  checkStrategy(experiment, fail);
  if (experiment.weightPerturbation) {
    const { gamma, fromEpoch } = experiment.weightPerturbation;
    if (!(gamma > 0 && gamma < Infinity)) {
      fail("weightPerturbation.gamma", "a number above 0", gamma);
    }
    whole("weightPerturbation.fromEpoch", fromEpoch, 1);
  }
  for (const [i, config] of regularizers.entries()) {
    checkRegularizer(`regularizers.${i}`, config, fail);
  }
  checkUnlabeled(experiment, fail);
  const { regularizers: others = [] } = experiment.unlabeled ?? {};
  for (const [i, config] of others.entries()) {
    checkRegularizer(`unlabeled.regularizers.${i}`, config, fail);
  }
  const guided = objective.method === "lbgat" ||
    [...regularizers, ...others].some(looksAtTeacher);
  if ((teacher !== null) !== guided) {
    fail(
      "teacher",
      teacher ? "null where no term looks at it" : "given",
      teacher?.network ?? null,
    );
  }
}

/**
 * Refuses numbers that no training can run with.
 *
 * @param name What cannot run, for the error.
 * @throws {UserError} naming the number.
 */
export function checkSettings(
  name: string,
  settings: Pick<
    Experiment,
    "seed" | "epochs" | "batchSize" | "augmentation" | "precision"
  >,
): void {
  const { seed, epochs, batchSize, augmentation, precision } = settings;
  const { fail, whole } = refusals(name);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    fail("seed", "a whole number from 0 to 4294967295", seed);
  }
  whole("epochs", epochs, 1);
  whole("batchSize", batchSize, 2);
  whole("augmentation.padding", augmentation.padding, 0);
  if (precision !== "f32" && precision !== "f16") {
    fail("precision", "f32 or f16", precision);
  }
}

/** Errors about what cannot run. */
function refusals(name: string) {
  const fail: Refusal = (what, expected, found) => {
    throw new UserError(
      `Cannot run ${name}: expected ${what} to be ${expected} but found ${found}`,
    );
  };
  const whole = (what: string, value: number, least: number): void => {
    if (!Number.isSafeInteger(value) || value < least) {
      fail(what, `a whole number of at least ${least}`, value);
    }
  };
  return { fail, whole };
}

function checkAttack(
  path: string,
  config: AttackConfig | TrainingOnlyAttackConfig,
  fail: Refusal,
): void {
  const fractions = "stepSize" in config
    ? { epsilon: config.epsilon, stepSize: config.stepSize }
    : { epsilon: config.epsilon };
  for (const [name, text] of Object.entries(fractions)) {
    if (fractionValue(text) > 255) {
      fail(`${path}.${name}`, "a distance between images", text);
    }
  }
  if (
    "steps" in config &&
    !(Number.isSafeInteger(config.steps) && config.steps >= 0)
  ) {
    fail(`${path}.steps`, "a whole number of at least 0", config.steps);
  }
  if (
    "restarts" in config &&
    !(Number.isSafeInteger(config.restarts) && config.restarts >= 1)
  ) {
    fail(`${path}.restarts`, "a whole number of at least 1", config.restarts);
  }
  if ("decay" in config && !(config.decay >= 0 && config.decay < Infinity)) {
    fail(`${path}.decay`, "a number of at least 0", config.decay);
  }
  checkTrainingOnlyAttack(path, config, fail);
}
