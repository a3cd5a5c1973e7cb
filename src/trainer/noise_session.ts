// Training steps on noise, to be timed. The cost of a step depends neither on the images
// nor on the values of the networks.

import { imageBytes, newLabels } from "../data/dataset.ts";
import type { TrainingSplit } from "../data/float_images.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Device, Target } from "../gpu/device.ts";
import { words } from "../base/random_sequence.ts";
import { type CompiledStep, compileTraining } from "../step/compiled_step.ts";
import { TrainingSession } from "./session.ts";

/** The experiment to time, and the extent of its data. */
interface TimedExperiment {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
}

/** Compiles a training step for a split of one full batch. */
export function compileFullBatch(
  { experiment, extent: { shape, classes, added } }: TimedExperiment,
  target: Target,
): CompiledStep {
  const { batchSize, unlabeled } = experiment;
  return compileTraining(experiment, {
    count: batchSize,
    unlabeled: unlabeled?.batchSize ?? 0,
    extra: experiment.data.extra ? batchSize : 0,
    teacherFeatures: added?.features ?? 0,
    shape,
    classes,
    ...target,
  });
}

/** Starts a session with one full batch of noise to train on. */
export function openNoiseSession(
  device: Device,
  timed: TimedExperiment,
): Promise<TrainingSession> {
  const { batchSize, unlabeled, data } = timed.experiment;
  const images = data.extra ? 2 * batchSize : batchSize;
  return TrainingSession.start(device, {
    step: compileFullBatch(timed, device.adapter),
    split: noiseSplit(images, timed),
    unlabeled: unlabeled ? noiseSplit(unlabeled.batchSize, timed) : null,
  });
}

function noiseSplit(
  count: number,
  { experiment, extent: { shape, classes, added } }: TimedExperiment,
): TrainingSplit {
  const key = { seed: experiment.seed, stream: "profile", step: 0 };
  const bytes = count * imageBytes(shape);
  const noise = words(key, Math.ceil(bytes / 4));
  return {
    images: new Uint8Array(noise.buffer, 0, bytes),
    labels: newLabels(count, { classes }).map((_, i) => i % classes),
    count,
    ...added?.features && {
      features: Float32Array.from(
        { length: count * added.features },
        (_, i) => i % 251,
      ),
    },
  };
}

/** The seconds of this many steps, after one to warm up. */
export async function timeSteps(
  session: TrainingSession,
  steps: number,
): Promise<number> {
  session.runStep(0);
  await session.sums();
  const began = performance.now();
  for (let step = 1; step <= steps; step++) session.runStep(step);
  await session.sums();
  return (performance.now() - began) / 1000;
}
