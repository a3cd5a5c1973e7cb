// The fields that attacks share in an experiment: the ball, and how a search goes
// through it step by step.

import {
  boolean,
  choice,
  type Field,
  type Fields,
  fraction,
  type Mismatch,
  number,
  union,
  whole,
} from "../../base/fields.ts";
import { type Fraction, fractionValue } from "../../base/fraction.ts";
import {
  inBytes,
  l2,
  linf,
  type Norm,
  type ThreatModel,
} from "../threat_model.ts";

/**
 * Where an attack starts: at the clean images, uniformly in the ball (clipped to
 * [0, 1] or not: papers differ), or beside the images by normal noise, unclipped,
 * as in TRADES.
 */
export type AttackStart =
  | { readonly kind: "clean" }
  | { readonly kind: "uniform"; readonly clip: boolean }
  | { readonly kind: "gaussian"; readonly scale: number };

/** A ball around an image. */
export interface BallConfig {
  /** The norm of a perturbation. */
  readonly norm: Norm;
  /** The radius of the ball. */
  readonly epsilon: Fraction;
}

/** The budget of an iterative attack. */
export interface IterationConfig extends BallConfig {
  /** Length of a step. */
  readonly stepSize: Fraction;
  /** Steps of ascent. */
  readonly steps: number;
  /** Where the search begins. */
  readonly start: AttackStart;
}

/** A radius. {@linkcode checkBall} bounds it in the maximum norm. */
export const RADIUS: Field = fraction({
  above: 0,
  about: "radius of the ball",
});

/** The length of a step. */
export const STEP_SIZE: Field = fraction({
  least: 0,
  about: "length of a step",
});

/** The fields of a {@linkcode BallConfig}. */
export const BALL: Fields<BallConfig> = {
  norm: choice(["linf", "l2"], { about: "what a perturbation is measured in" }),
  epsilon: RADIUS,
};

/** Where a search begins. */
export const START: Field = union("kind", {
  clean: { about: "at the image", fields: {} },
  uniform: {
    about: "at a random point of the ball",
    fields: { clip: boolean({ about: "whether it is clipped to [0, 1]" }) },
  },
  gaussian: {
    about: "beside the image",
    fields: {
      scale: number({ least: 0, most: 1, about: "standard deviation" }),
    },
  },
}, { about: "where the search begins" });

/** The fields of an {@linkcode IterationConfig}. */
export const ITERATION: Fields<IterationConfig> = {
  ...BALL,
  stepSize: STEP_SIZE,
  steps: whole({ least: 1, ceiling: 10_000, about: "steps of ascent" }),
  start: START,
};

/** Refuses a radius that covers every image. */
export function checkBall({ norm, epsilon }: BallConfig): Mismatch | null {
  const radius = fractionValue(epsilon);
  if (norm !== "linf" || radius <= 1) return null;
  const meant = inBytes(radius);
  return {
    path: "epsilon",
    expected: "at most 1 in the maximum norm, for images in [0, 1]",
    found: meant ? `${epsilon}; did you mean ${meant}?` : epsilon,
  };
}

/** Doubts a search whose steps together are shorter than the radius. */
export function doubtReach(
  { epsilon, stepSize, steps }: Omit<IterationConfig, "start">,
): string | null {
  const reach = steps * fractionValue(stepSize);
  // Products of decimal fractions may miss the radius by their last digits.
  if (reach >= fractionValue(epsilon) * (1 - 1e-9)) return null;
  return `${steps} steps of ${stepSize} move an image by at most ` +
    `${Number(reach.toPrecision(3))}: the attack cannot cross its ball of ` +
    `radius ${epsilon}`;
}

/** The threat model of a ball. */
export function threatOf({ norm, epsilon }: BallConfig): ThreatModel {
  return { linf, l2 }[norm](fractionValue(epsilon));
}

/** The options of PGD and similar attacks. */
export function iterationOf(
  config: IterationConfig,
): {
  readonly threat: ThreatModel;
  readonly steps: number;
  readonly stepSize: number;
  readonly start: AttackStart;
} {
  const { steps, stepSize, start } = config;
  const threat = threatOf(config);
  return { threat, steps, stepSize: fractionValue(stepSize), start };
}

/** The start of a search as text, and whether it is random. */
export function startOf(
  { start }: { readonly start: AttackStart },
): { readonly text: string; readonly random: boolean } {
  switch (start.kind) {
    case "clean":
      return { text: "x", random: false };
    case "gaussian":
      return { text: `x + ${start.scale} N(0, 1)`, random: true };
    case "uniform": {
      const clip = start.clip ? ", clipped to [0, 1]" : "";
      return { text: `x + U(-epsilon, epsilon)${clip}`, random: true };
    }
  }
}

/** The setting of attacks that are given by name: that of an experiment's evaluation. */
export interface NamedSetting {
  /** The ball. */
  readonly ball: BallConfig;
  /** How its PGD searches. */
  readonly search: Omit<IterationConfig, "steps">;
  /** Whether its PGD leaves an image alone once it is misclassified. */
  readonly stop: boolean;
}

/** The budget of so many steps in a setting. */
export function namedIteration(
  { search }: NamedSetting,
  steps: number,
): IterationConfig {
  return { ...search, steps };
}
