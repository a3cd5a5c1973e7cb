// Training steps timed on noise: neither the images nor what the networks have
// learned changes what a step costs.

import { imageBytes, type Split } from "../data/dataset.ts";
import type { DatasetExtent } from "../experiments/datasets.ts";
import type { Experiment } from "../experiments/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { words } from "../random/sequence.ts";
import { TrainingSession } from "./training_session.ts";

/** A session with one full batch of noise to train on. */
export function openNoiseSession(
  device: Device,
  { experiment, extent: { shape, classes } }: {
    readonly experiment: Experiment;
    readonly extent: DatasetExtent;
  },
): Promise<TrainingSession> {
  const count = experiment.batchSize;
  const key = { seed: experiment.seed, stream: "profile", step: 0 };
  const bytes = count * imageBytes(shape);
  const noise = words(key, Math.ceil(bytes / 4));
  const split: Split = {
    images: new Uint8Array(noise.buffer, 0, bytes),
    labels: Uint8Array.from({ length: count }, (_, i) => i % classes),
    count,
  };
  const classNames = Array.from({ length: classes }, (_, i) => String(i));
  return TrainingSession.open(device, {
    experiment,
    dataset: { shape, classNames },
    split,
  });
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
