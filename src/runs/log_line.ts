// The lines of a run's log, as types and as shapes that are checked when a log is read.

import {
  checkShape,
  count,
  list,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  tagged,
  text,
} from "./stored_shape.ts";

/** A place in a run. */
export interface LogPlace {
  /** The epoch of the latest step, from 1; 0 before the first step. */
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
  /** The time of writing, in ISO 8601; missing in lines of old logs. */
  readonly time?: string;
}

/** Measurements over the steps of an epoch so far. */
export interface LogMeans {
  /** Means by name over the epoch's images so far. */
  readonly means: Readonly<Record<string, number>>;
  /** The number of these images; missing in old logs. */
  readonly images?: number;
  /** The learning rate of the latest step. */
  readonly learningRate: number;
  /** Wall-clock time since the epoch began or was resumed. */
  readonly seconds: number;
  /** Images trained on in each of these seconds. */
  readonly imagesPerSecond: number;
}

/** One line. Fields that depend on the clock are those of {@linkcode CLOCK_FIELDS}. */
export type LogLine =
  & LogPlace
  & (
    | {
      readonly kind: "start";
      readonly experiment: string;
      readonly seed: number;
      /** Steps of an epoch; missing in old logs. */
      readonly stepsPerEpoch?: number;
    }
    /** Some steps of an epoch. */
    | { readonly kind: "steps" } & LogMeans
    /** A whole epoch. */
    | { readonly kind: "epoch" } & LogMeans
    | {
      readonly kind: "evaluation";
      readonly network: "student" | "teacher" | "average";
      readonly split: string;
      /** Images classified correctly, by attack. */
      readonly results: Readonly<
        Record<string, { readonly correct: number; readonly count: number }>
      >;
      readonly seconds: number;
    }
    | {
      /** A checkpoint, from which the run can continue. */
      readonly kind: "saved";
      /** Wall-clock time of the run so far, without the time between stop and resume. */
      readonly seconds: number;
    }
    | {
      /** The first reading of numbers that are not finite. */
      readonly kind: "diverged";
      /** What is not finite: `the loss "ce"`. */
      readonly what: string;
    }
    | {
      readonly kind: "resume";
      /** Changes of the environment since the run began. */
      readonly changes: readonly string[];
    }
    | {
      readonly kind: "end";
      readonly seconds: number;
    }
  );

/** The fields in which two equal runs may differ. */
export const CLOCK_FIELDS: readonly string[] = [
  "seconds",
  "imagesPerSecond",
  "time",
];

const PLACE: { readonly [K in keyof LogPlace]-?: Shape } = {
  epoch: count,
  step: count,
  time: optional(text),
};

const MEANS: Shape = object<LogPlace & LogMeans>({
  ...PLACE,
  means: record(number),
  images: optional(count),
  learningRate: number,
  seconds: number,
  imagesPerSecond: number,
});

/** The fields of a line by its kind. */
type Line<Kind extends LogLine["kind"]> = Omit<
  Extract<LogLine, { readonly kind: Kind }>,
  "kind"
>;

const RESULTS: Shape = record(
  object<{ correct: number; count: number }>({ correct: count, count }),
);

const KINDS: Readonly<Record<LogLine["kind"], Shape>> = {
  start: object<Line<"start">>({
    ...PLACE,
    experiment: text,
    seed: count,
    stepsPerEpoch: optional(count),
  }),
  steps: MEANS,
  epoch: MEANS,
  evaluation: object<Line<"evaluation">>({
    ...PLACE,
    network: oneOf("student", "teacher", "average"),
    split: text,
    results: RESULTS,
    seconds: number,
  }),
  saved: object<Line<"saved">>({ ...PLACE, seconds: number }),
  diverged: object<Line<"diverged">>({ ...PLACE, what: text }),
  resume: object<Line<"resume">>({ ...PLACE, changes: list(text) }),
  end: object<Line<"end">>({ ...PLACE, seconds: number }),
};

const LINE: Shape = tagged("kind", KINDS);

/**
 * The value as a line of a log.
 *
 * @param source What to call the line in errors.
 * @throws {UserError} naming the first part that is not what it has to be.
 */
export function checkLogLine(value: unknown, source: string): LogLine {
  return checkShape<LogLine>(value, { shape: LINE, source });
}
