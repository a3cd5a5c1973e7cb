// The session that trains a network in memory, from the options of `fit`: what is
// missing or does not fit together is refused before anything is on the device.

import type { ImageShape, Split } from "../data/dataset.ts";
import { checkSettings } from "../config/training_settings.ts";
import type { Device } from "../gpu/device.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { readPretrained } from "../trainer/pretrained_teacher.ts";
import { TrainedNetwork } from "../step/trained_network.ts";
import { compileParts } from "../step/compiled_step.ts";
import { TrainingSession } from "../trainer/session.ts";
import { type FitOptions, methodOf, settingsOf } from "./fit_options.ts";
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
 * @throws {RangeError} for numbers that no training can run with.
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
  const settings = settingsOf(options, seed);
  checkSettings("this training", settings);
  if (pretrained && !teacher) {
    throw new TypeError(
      `Cannot fit: expected a teacher for ${pretrained.from} but found none`,
    );
  }
  const placed = teacher ? materialize(teacher, "teacher") : null;
  const start = placed && pretrained &&
    await readPretrained(pretrained, placed);
  const programs = compileParts({
    ...methodOf(options),
    settings,
    student: new TrainedNetwork(student),
    teacher: placed && new TrainedNetwork(placed),
    pretrained,
    unlabeled: method,
  }, {
    ...{ count: labeled.count, unlabeled: unlabeled?.count ?? 0 },
    ...{ shape, ...device.adapter },
  });
  return await TrainingSession.start(device, {
    ...{ programs, split: labeled, unlabeled },
    teacher: start?.values ?? null,
  });
}
