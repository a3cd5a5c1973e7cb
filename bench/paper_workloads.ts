// The training steps that the paper is about: PGD-10 adversarial training, batch 128, of
// ResNet-18, and of WRN-34-10 in the six ways whose time the paper's Table 3 reports.
// They are the recipes' own steps on random images; smaller ones, for a processor, are
// asked for by batch, depth and width.

import type { Split } from "../src/data/dataset.ts";
import type { Experiment } from "../src/config/experiment.ts";
import { recipe } from "../src/recipes/mod.ts";
import type { Device } from "../src/gpu/device.ts";
import { uniform, words } from "../src/base/random_sequence.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { STEP } from "./inputs.ts";
import { bindTraining } from "./network_workloads.ts";

/** How large a step is. */
export interface StepSize {
  readonly batch: number;
  /** Depth and width of the wide residual network. */
  readonly depth: number;
  readonly width: number;
}

/** As in the paper. */
export const PAPER_SIZE: StepSize = { batch: 128, depth: 34, width: 10 };

/** Images of an epoch of CIFAR-10. */
export const EPOCH_IMAGES = 50_000;

/** A step that is timed. */
export interface PaperStep {
  readonly name: string;
  readonly title: string;
  /** The recipe whose step it is. */
  readonly recipe: string;
  readonly student: "resnet18" | "wide-resnet";
  /** Seconds per epoch that the paper reports for one RTX 3090 (Table 3). */
  readonly paperSeconds: number | null;
}

/** The steps, in the order of the table. */
export const PAPER_STEPS: readonly PaperStep[] = [
  {
    name: "R18 AT",
    title: "ResNet-18, vanilla AT",
    recipe: "table1/vanilla-at",
    student: "resnet18",
    paperSeconds: null,
  },
  {
    name: "WRN AT",
    title: "WRN-34-10, vanilla AT",
    recipe: "table1/vanilla-at",
    student: "wide-resnet",
    paperSeconds: 821,
  },
  {
    name: "WRN AT LBGAT",
    title: "WRN-34-10, vanilla AT + LBGAT",
    recipe: "table1/vanilla-at-lbgat",
    student: "wide-resnet",
    paperSeconds: 848,
  },
  {
    name: "WRN AT FRPAT",
    title: "WRN-34-10, vanilla AT + FRPAT",
    recipe: "table1/vanilla-at-frpat",
    student: "wide-resnet",
    paperSeconds: 849,
  },
  {
    name: "WRN TRADES",
    title: "WRN-34-10, TRADES",
    recipe: "table1/trades",
    student: "wide-resnet",
    paperSeconds: 1079,
  },
  {
    name: "WRN TRADES LBGAT",
    title: "WRN-34-10, TRADES + LBGAT",
    recipe: "table1/trades-lbgat",
    student: "wide-resnet",
    paperSeconds: 1106,
  },
  {
    name: "WRN TRADES FRPAT",
    title: "WRN-34-10, TRADES + FRPAT",
    recipe: "table1/trades-frpat",
    student: "wide-resnet",
    paperSeconds: 1109,
  },
];

/** What a step of that size is called. */
export function titleOf(
  { title }: PaperStep,
  { depth, width }: StepSize,
): string {
  return title.replace("WRN-34-10", `WRN-${depth}-${width}`);
}

/** What the paper reports of a step of that size; null if it does not. */
export function reportedSeconds(
  { paperSeconds }: PaperStep,
  { batch, depth, width }: StepSize,
): number | null {
  const same = batch === PAPER_SIZE.batch && depth === PAPER_SIZE.depth &&
    width === PAPER_SIZE.width;
  return same ? paperSeconds : null;
}

/** The experiment of a step. */
export function experimentOf(
  { recipe: name, student }: PaperStep,
  { batch, depth, width }: StepSize,
): Experiment {
  return {
    ...recipe(name),
    batchSize: batch,
    student: student === "resnet18"
      ? { network: "resnet18" }
      : { network: "wide-resnet", depth, width },
  };
}

/** Binds a step to a device. */
export function bindPaperStep(
  device: Device,
  step: PaperStep,
  size: StepSize,
): Promise<BoundWorkload> {
  return bindTraining(
    device,
    experimentOf(step, size),
    randomSplit(size.batch),
  );
}

/** Random images and labels for one batch. */
export function randomSplit(count: number): Split {
  const random = { seed: STEP.seed, step: 0 };
  const pixels = 3 * STEP.side * STEP.side;
  const images = words({ ...random, stream: "images" }, count * pixels / 4);
  const labels = uniform({ ...random, stream: "labels" }, count);
  return {
    images: new Uint8Array(images.buffer),
    labels: Uint8Array.from(labels, (u) => Math.floor(STEP.classes * u)),
    count,
  };
}

/** Seconds of an epoch of CIFAR-10, from those of a step. */
export function epochSeconds(
  stepSeconds: number,
  { batch }: Pick<StepSize, "batch">,
): number {
  return stepSeconds * Math.ceil(EPOCH_IMAGES / batch);
}

/**
 * The size that command line options ask for.
 *
 * @throws {RangeError} if one is no positive whole number.
 */
export function sizeFrom(
  options: { readonly [option in keyof StepSize]?: string | undefined },
): StepSize {
  const value = (option: keyof StepSize): number => {
    const given = options[option];
    const number = given === undefined ? PAPER_SIZE[option] : Number(given);
    if (Number.isInteger(number) && number > 0) return number;
    throw new RangeError(
      `Cannot time a step: expected --${option} to be a positive whole number but found ${given}`,
    );
  };
  return {
    batch: value("batch"),
    depth: value("depth"),
    width: value("width"),
  };
}
