// Events of training, as plain data for the terminal and for programs.

import type { Compilation } from "../gpu/pipeline.ts";

/** Means of one step's measurements over the epoch so far. */
export interface RunningMeans {
  /** The loss's terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Fraction of clean images classified correctly; null where it is not measured. */
  readonly cleanAccuracy: number | null;
  /** The same of adversarial images. */
  readonly adversarialAccuracy: number | null;
  /** The same of clean images by the teacher. */
  readonly teacherAccuracy: number | null;
}

/** An event of a run. Epochs count from 1; `step` is the number of steps done. */
export type TrainingEvent =
  /** A kernel is being compiled, which can take seconds. */
  | { readonly kind: "compile" } & Compilation
  | {
    readonly kind: "start";
    readonly step: number;
    readonly epochs: number;
    readonly stepsPerEpoch: number;
    readonly resumed: boolean;
  }
  | {
    readonly kind: "steps";
    readonly epoch: number;
    readonly step: number;
    readonly stepInEpoch: number;
    readonly imagesPerSecond: number;
    readonly learningRate: number;
    /** Until the end of the run, with its evaluations; null where nobody knows. */
    readonly secondsLeft: number | null;
  } & RunningMeans
  | {
    readonly kind: "epoch";
    readonly epoch: number;
    readonly step: number;
    readonly seconds: number;
  } & RunningMeans
  /** A part of an evaluation is done. */
  | {
    readonly kind: "evaluating";
    readonly epoch: number;
    readonly split: "validation" | "curve" | "test";
    readonly network: "student" | "teacher" | "average";
    /** The attack under way; "clean" is none. */
    readonly attack: string;
    /** Images classified so far, how many of them correctly, and how many there are. */
    readonly count: number;
    readonly correct: number;
    readonly of: number;
    readonly secondsLeft: number | null;
  }
  | {
    readonly kind: "evaluation";
    readonly epoch: number;
    /** "curve": test images while training goes on. */
    readonly split: "validation" | "curve" | "test";
    readonly network: "student" | "teacher" | "average";
    /** Fractions of images classified correctly, by attack. */
    readonly accuracies: Readonly<Record<string, number>>;
    /** Whether this epoch is the best so far, by the images that choose it. */
    readonly best: boolean;
  }
  | { readonly kind: "saved"; readonly path: string; readonly step: number };

/** What is evaluated, and when. */
export type EvaluationPlace = Pick<
  TrainingEvent & { readonly kind: "evaluation" },
  "epoch" | "split" | "network"
>;
