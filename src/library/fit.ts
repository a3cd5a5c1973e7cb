// Training in memory, by `Classifier.fit`. Options that contradict each other are refused
// before anything is on the device.

import type { ImageShape, Split } from "../data/dataset.ts";
import { checkHyperparameters } from "../config/hyperparameters.ts";
import type { Device } from "../gpu/device.ts";
import type { Memory } from "../gpu/memory.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { readValues, writeValues } from "../step/network_values.ts";
import { readPretrained } from "../trainer/pretrained_teacher.ts";
import { TrainedNetwork } from "../step/trained_network.ts";
import { compileStep } from "../step/compiled_step.ts";
import { runningMeans } from "../trainer/running_means.ts";
import { TrainingSession } from "../trainer/session.ts";
import { type FitOptions, hyperparametersOf, methodOf } from "./fit_options.ts";
import { trainingExamples } from "./unlabeled_examples.ts";

/** The network, the images and the options. */
export interface FitRequest {
  readonly materialized: Materialized<Network>;
  readonly split: Split;
  readonly shape: ImageShape;
  readonly seed: number;
  readonly options: FitOptions;
}

/** The host waits for the device after this many steps, to limit the queue. */
const WAIT_EVERY = 16;

/**
 * Trains a network from its values in this memory, and writes the trained values there.
 *
 * @throws {TypeError} if a teacher is to start from a file but there is no teacher.
 * @throws {UserError} for numbers that no training can run with.
 */
export async function fit(memory: Memory, request: FitRequest): Promise<void> {
  const { materialized, options: { epochs, onEpoch } } = request;
  await using session = await fitSession(memory.device, request);
  const before = await readValues(memory, materialized);
  writeValues(session.memory, { materialized, values: before });
  const { stepsPerEpoch } = session;
  for (let step = 1; step <= epochs * stepsPerEpoch; step++) {
    session.runStep(step - 1);
    if (step % stepsPerEpoch === 0) {
      const sums = await session.sums();
      const means = runningMeans(sums, session.imagesInEpoch(step));
      onEpoch?.(means, step / stepsPerEpoch);
    } else if (step % WAIT_EVERY === 0) await session.sums();
  }
  const after = await readValues(session.memory, materialized);
  writeValues(memory, { materialized, values: after });
}

async function fitSession(
  device: Device,
  { materialized: student, split, shape, seed, options }: FitRequest,
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
  const materialized = teacher ? materialize(teacher, "teacher") : null;
  const start = materialized && pretrained &&
    await readPretrained(pretrained, materialized);
  const step = compileStep({
    hyperparameters,
    method: methodOf(options),
    student: new TrainedNetwork(student),
    teacher: materialized && new TrainedNetwork(materialized),
  }, {
    count: labeled.count,
    unlabeled: unlabeled?.count ?? 0,
    shape,
    ...device.adapter,
  });
  return await TrainingSession.start(device, {
    step,
    split: labeled,
    unlabeled,
    teacher: start?.values ?? null,
  });
}
