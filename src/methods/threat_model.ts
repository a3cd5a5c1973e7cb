// What an attacker may do to an image: move it anywhere within a ball around it,
// and not out of [0, 1]. Attacks are written against this, so that each works
// under every norm.

import { checked } from "../base/check_fields.ts";
import { number } from "../base/fields.ts";
import type { Shape, Tensor, Variable } from "../graph/tensor.ts";
import { max } from "../ops/reduce/max.ts";
import {
  ascendL2,
  ascendLinf,
  type Ascent,
  type Ball,
  projectL2,
  projectLinf,
  uniformInL2Ball,
} from "../ops/attack/perturb.ts";
import {
  abs,
  add,
  addScalar,
  divide,
  sign,
  sqrt,
  square,
} from "../ops/pointwise.ts";
import { normal, type RandomKey, uniform } from "../ops/random/random.ts";
import { sum, trailingAxes } from "../ops/reduce/reduce.ts";

/** The norms of the literature's threat models. */
export type Norm = "linf" | "l2";

/** A ball of allowed perturbations of images in [0, 1]. */
export interface ThreatModel {
  /** What the length of a perturbation is measured in. */
  readonly norm: Norm;
  /** The radius of the ball, for images in [0, 1]. */
  readonly epsilon: number;
  /** Moves an iterate by a step of steepest ascent, then back into the ball. */
  ascend(iterate: Variable, options: Omit<Ascent, "epsilon">): void;
  /** The nearest point in the ball. */
  project(x: Tensor, options: Omit<Ball, "epsilon">): Tensor;
  /** The images moved by a perturbation drawn uniformly from the ball. */
  sample(images: Tensor, key: RandomKey): Tensor;
  /** The direction of length 1 in which a gradient promises most. */
  steepest(gradient: Tensor): Tensor;
  /** The length of each image's perturbation, (N, 1, …). */
  length(perturbation: Tensor): Tensor;
  /** Each image's perturbation, (N, …), over its length. */
  unit(perturbation: Tensor): Tensor;
  /** How much a step of length 1 along a gradient gains at most, (N, 1, …). */
  dualLength(gradient: Tensor): Tensor;
  /**
   * A random perturbation of length 1: uniform numbers over the largest of them, or a
   * normal vector over its norm.
   */
  direction(shape: Shape, key: RandomKey): Tensor;
}

/** The radius as a fraction of 255, as it was perhaps meant; null for other values. */
export function inBytes(radius: unknown): string | null {
  const isInBytes = typeof radius === "number" && radius > 1 && radius <= 255;
  return isInBytes ? `${radius}/255` : null;
}

const LINF = {
  method: "linf",
  fields: { epsilon: number({ least: 0, most: 1, meant: inBytes }) },
} as const;

/** The largest useful radius is the images' diagonal, which is not known here. */
const L2 = {
  method: "l2",
  fields: { epsilon: number({ least: 0 }) },
} as const;

/**
 * Perturbations of at most `epsilon` per value.
 *
 * @throws {RangeError} unless `epsilon` is from 0 to 1.
 */
export function linf(epsilon: number): ThreatModel {
  checked(LINF, { epsilon });
  return {
    norm: "linf",
    epsilon,
    ascend: (iterate, options) => ascendLinf(iterate, { ...options, epsilon }),
    project: (x, options) => projectLinf(x, { ...options, epsilon }),
    sample: (images, key) =>
      add(images, uniform(key, images.shape, { low: -epsilon, high: epsilon })),
    steepest: sign,
    length: lengthLinf,
    unit: (perturbation) => unit(perturbation, lengthLinf),
    dualLength: (gradient) => sum(abs(gradient), { start: 1, keep: true }),
    direction: (shape, key) =>
      unit(uniform(key, shape, { low: -1, high: 1 }), lengthLinf),
  };
}

/**
 * Perturbations of Euclidean norm at most `epsilon` per image.
 *
 * @throws {RangeError} unless `epsilon` is finite and at least 0.
 */
export function l2(epsilon: number): ThreatModel {
  checked(L2, { epsilon });
  return {
    norm: "l2",
    epsilon,
    ascend: (iterate, options) => ascendL2(iterate, { ...options, epsilon }),
    project: (x, options) => projectL2(x, { ...options, epsilon }),
    sample: (images, key) =>
      add(images, uniformInL2Ball(key, images.shape, { epsilon })),
    steepest: (gradient) => unit(gradient, lengthL2),
    length: lengthL2,
    unit: (perturbation) => unit(perturbation, lengthL2),
    dualLength: lengthL2,
    direction: (shape, key) => unit(normal(key, shape), lengthL2),
  };
}

function lengthLinf(x: Tensor): Tensor {
  return trailingAxes(max(abs(x)), x.shape.length);
}

function lengthL2(x: Tensor): Tensor {
  return sqrt(sum(square(x), { start: 1, keep: true }));
}

/** Each image's vector over its length. */
function unit(x: Tensor, length: (x: Tensor) => Tensor): Tensor {
  return divide(x, addScalar(length(x), 1e-12));
}
