// The session that trains a network in memory, from the options of `fit`: what is
// missing or does not fit together is refused before anything is on the device.

import type { ImageShape, Split } from "../data/dataset.ts";
import { checkHyperparameters } from "../config/hyperparameters.ts";
import type { Device } from "../gpu/device.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { readPretrained } from "../trainer/pretrained_teacher.ts";
import { TrainedNetwork } from "../step/trained_network.ts";
import { compileStep } from "../step/compiled_step.ts";
import { TrainingSession } from "../trainer/session.ts";
import { type FitOptions, hyperparametersOf, methodOf } from "./fit_options.ts";
import { trainingExamples } from "./unlabeled_examples.ts";

/** What is trained, and on what. */
export interface FitRequest {
  readonly placed: Materialized<Network>;
  readonly split: Split;
  readonly shape: ImageShape;
  readonly seed: number;
  readonly options: FitOptions;
}

/**
 * A session that trains a placed network.
 *
 * @throws {TypeError} for a start of a teacher that there is none of.
 * @throws {UserError} for numbers that no training can run with.
 */
export async function fitSession(
  device: Device,
  { placed: student, split, shape, seed, options }: FitRequest,
): Promise<TrainingSession> {
  const { teacher, pretrained = null, unlabeled: method = null } = options;
  const { labeled, unlabeled } = trainingExamples(split, {
    unlabeled: method,
    shape,
  });
  const hyperparameters = hyperparametersOf(options, seed);
  checkHyperparameters("this training", hyperparameters);
  if (pretrained && !teacher) {
    throw new TypeError(
      `Cannot fit: expected a teacher for ${pretrained.from} but found none`,
    );
  }
  const placed = teacher ? materialize(teacher, "teacher") : null;
  const start = placed && pretrained &&
    await readPretrained(pretrained, placed);
  const programs = compileStep({
    hyperparameters,
    method: methodOf(options),
    student: new TrainedNetwork(student),
    teacher: placed && new TrainedNetwork(placed),
  }, {
    ...{ count: labeled.count, unlabeled: unlabeled?.count ?? 0 },
    ...{ shape, ...device.adapter },
  });
  return await TrainingSession.start(device, {
    ...{ programs, split: labeled, unlabeled },
    teacher: start?.values ?? null,
  });
}
