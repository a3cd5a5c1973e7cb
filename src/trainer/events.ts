// Events of training, as plain data for the terminal and for programs.

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
  | { readonly kind: "compile"; readonly kernel: string }
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
    readonly secondsLeft: number;
  } & RunningMeans
  | {
    readonly kind: "epoch";
    readonly epoch: number;
    readonly step: number;
    readonly seconds: number;
  } & RunningMeans
  | {
    readonly kind: "evaluation";
    readonly epoch: number;
    readonly split: "validation" | "test";
    readonly network: "student" | "teacher";
    /** Fractions of images classified correctly, by attack. */
    readonly accuracies: Readonly<Record<string, number>>;
    /** Whether this epoch is the best so far. */
    readonly best: boolean;
  }
  | { readonly kind: "saved"; readonly path: string; readonly step: number };
