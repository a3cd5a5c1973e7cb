// Training in memory, by `Classifier.fit`. Options that contradict each other are refused
// before anything is on the device. Files are written where a checkpoint is asked for.

import { checkFit } from "./check_fit.ts";
import { checkHyperparameters } from "../config/hyperparameters.ts";
import type { Device } from "../gpu/device.ts";
import type { Memory } from "../gpu/memory.ts";
import { materialize } from "../nn/module.ts";
import { readValues, writeValues } from "../step/network_values.ts";
import { readPretrained } from "../trainer/pretrained_teacher.ts";
import { TrainedNetwork } from "../step/trained_network.ts";
import { compileStep } from "../step/compiled_step.ts";
import { TrainingSession } from "../trainer/session.ts";
import { FitLoop } from "./fit_loop.ts";
import { type FitRequest, hyperparametersOf, methodOf } from "./fit_options.ts";
import { separatedExamples } from "./unlabeled_examples.ts";

/**
 * Trains a network from its values in this memory, and writes the trained values there:
 * those of the last step, if `signal` ends the training.
 *
 * @throws {TypeError} if a teacher is to start from a file but there is no teacher.
 * @throws {RangeError} for numbers that no training can run with.
 * @throws {UserError} for a loss that is not finite.
 */
export async function fit(memory: Memory, request: FitRequest): Promise<void> {
  const { materialized } = request;
  request.options.signal?.throwIfAborted();
  await using session = await fitSession(memory.device, request);
  const before = await readValues(memory, materialized);
  writeValues(session.memory, { materialized, values: before });
  const loop = await FitLoop.start(session, request);
  const aborted = await loop.run();
  const after = await readValues(session.memory, materialized);
  writeValues(memory, { materialized, values: after });
  if (aborted) request.options.signal!.throwIfAborted();
}

async function fitSession(
  device: Device,
  { materialized: student, split, shape, seed, options }: FitRequest,
): Promise<TrainingSession> {
  const { teacher, pretrained = null, unlabeled: method = null } = options;
  const { labeled, unlabeled } = separatedExamples(split, {
    unlabeled: method,
    shape,
  });
  const hyperparameters = hyperparametersOf(options, seed);
  checkHyperparameters("this training", hyperparameters);
  checkFit(options, {
    count: labeled.count,
    unlabeled: unlabeled?.count ?? 0,
  });
  const materialized = teacher ? materialize(teacher, "teacher") : null;
  const start = materialized && pretrained &&
    await readPretrained(pretrained, materialized);
  const step = compileStep({
    hyperparameters,
    method: methodOf(options),
    student: new TrainedNetwork(student),
    teacher: materialized && new TrainedNetwork(materialized),
    countsOutside: true,
  }, {
    count: labeled.count,
    unlabeled: unlabeled?.count ?? 0,
    shape,
    floats: labeled.images instanceof Float32Array,
    softTargets: labeled.targets !== undefined,
    ...device.adapter,
  });
  return await TrainingSession.start(device, {
    step,
    split: labeled,
    unlabeled,
    teacher: start?.values ?? null,
  });
}
