// The speed of a device at an experiment's steps, measured on noise. A step of a large
// network takes minutes on a processor, so the measured steps may have fewer images and
// a shorter attack. Their arithmetic per second is close to the run's, which has the
// same kernels on larger sizes.

import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { costOf } from "../graph/cost.ts";
import {
  compileFullBatch,
  openNoiseSession,
  timeSteps,
} from "./noise_session.ts";

/** Operations that any device of a class does within seconds. */
const AFFORDABLE = { software: 60e9, gpu: 20e12 } as const;

/** Seconds for which steps are timed, after one to warm up: at least one of them. */
const SECONDS = 4;

/** Most steps that are timed. */
const MOST = 20;

/** The speed of a device at an experiment's steps, and how it was found. */
export interface MeasuredRate {
  /** Floating-point operations per second. */
  readonly rate: number;
  /** Images of the steps that were timed. */
  readonly images: number;
  /** Steps of the attack in them; null where it has no number of steps. */
  readonly attackSteps: number | null;
  /** Training steps timed. */
  readonly steps: number;
}

/** Times steps of an experiment, made small enough for the device. */
export async function measureRate(
  device: Device,
  { experiment, extent, onStage }: {
    readonly experiment: Experiment;
    readonly extent: DatasetExtent;
    /** Called with what begins, in a few words. */
    readonly onStage?: (stage: string) => void;
  },
): Promise<MeasuredRate> {
  onStage?.("looking for a step that this adapter does in seconds");
  const sample = affordable(experiment, {
    flops: AFFORDABLE[device.adapter.adapterClass],
    stepFlops: (sample) => {
      const timed = { experiment: sample, extent };
      const { programs } = compileFullBatch(timed, device.adapter);
      return costOf(programs.full).flops;
    },
  });
  await using session = await openNoiseSession(device, {
    experiment: sample,
    extent,
  });
  onStage?.(`timing a step of ${sample.batchSize} images`);
  const first = await timeSteps(session, 1);
  const steps = Math.max(1, Math.min(MOST, Math.floor(SECONDS / first)));
  if (steps > 1) onStage?.(`timing ${steps} steps`);
  const seconds = steps === 1 ? first : await timeSteps(session, steps);
  const { flops } = costOf(session.step.programs.full);
  const { attack } = sample;
  return {
    rate: steps * flops / seconds,
    images: sample.batchSize,
    attackSteps: attack && "steps" in attack ? attack.steps : null,
    steps,
  };
}

/**
 * The experiment with so few images, and then so short an attack, that a step takes
 * at most `flops`; with two images and one step of the attack where nothing does.
 */
export function affordable(
  experiment: Experiment,
  { flops, stepFlops }: {
    readonly flops: number;
    readonly stepFlops: (sample: Experiment) => number;
  },
): Experiment {
  const least = withBatchSize(experiment, 2);
  const perImage = stepFlops(least) / 2;
  const images = Math.floor(flops / perImage);
  if (images >= 2) {
    return withBatchSize(experiment, Math.min(experiment.batchSize, images));
  }
  const { attack } = least;
  if (!attack || !("steps" in attack)) return least;
  return { ...least, attack: { ...attack, steps: 1 } };
}

/** The experiment with batches of another size, those without labels in proportion. */
function withBatchSize(experiment: Experiment, batchSize: number): Experiment {
  const { unlabeled } = experiment;
  if (!unlabeled) return { ...experiment, batchSize };
  const share = unlabeled.batchSize / experiment.batchSize;
  const others = Math.max(2, Math.round(share * batchSize));
  return {
    ...experiment,
    batchSize,
    unlabeled: { ...unlabeled, batchSize: others },
  };
}
