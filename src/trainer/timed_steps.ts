// Training steps timed on noise: neither the images nor what the networks have
// learned changes what a step costs.

import { imageBytes, type Split } from "../data/dataset.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Device, Target } from "../gpu/device.ts";
import { words } from "../base/random_sequence.ts";
import { type CompiledStep, compileTraining } from "../step/compiled_step.ts";
import { TrainingSession } from "./session.ts";

/** What to time, and on how large images. */
export interface TimedExperiment {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
}

/** A training step on one full batch, of images without labels too if there are any. */
export function stepPrograms(
  { experiment, extent: { shape, classes } }: TimedExperiment,
  target: Target,
): CompiledStep {
  const { batchSize: count, unlabeled } = experiment;
  return compileTraining(experiment, {
    ...{ count, unlabeled: unlabeled?.batchSize ?? 0, shape, classes },
    ...target,
  });
}

/** A session with one full batch of noise to train on. */
export function openNoiseSession(
  device: Device,
  { experiment, extent }: TimedExperiment,
): Promise<TrainingSession> {
  const programs = stepPrograms({ experiment, extent }, device.adapter);
  const { batchSize: count, unlabeled } = experiment;
  const split = noiseSplit(count, { experiment, extent });
  return TrainingSession.start(device, {
    programs,
    split,
    unlabeled: unlabeled
      ? noiseSplit(unlabeled.batchSize, { experiment, extent })
      : null,
  });
}

function noiseSplit(
  count: number,
  { experiment, extent: { shape, classes } }: TimedExperiment,
): Split {
  const key = { seed: experiment.seed, stream: "profile", step: 0 };
  const bytes = count * imageBytes(shape);
  const noise = words(key, Math.ceil(bytes / 4));
  return {
    images: new Uint8Array(noise.buffer, 0, bytes),
    labels: Uint8Array.from({ length: count }, (_, i) => i % classes),
    count,
  };
}

/** Seconds that so many steps take, after one to warm up. */
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
