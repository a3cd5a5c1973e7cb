// A threat model: an attacker may move an image anywhere within a ball around it, and not
// out of [0, 1]. Attacks use these functions, so that each works under every norm.

import { checked } from "../base/check_fields.ts";
import { number } from "../base/fields.ts";
import type { Shape, Tensor, Variable } from "../graph/tensor.ts";
import { max } from "../ops/reduce/max.ts";
import {
  ascendL2,
  ascendLinf,
  type Ascent,
  uniformInL2Ball,
} from "../ops/attack/perturb.ts";
import { lengthL2, unitL2 } from "../ops/attack/length.ts";
import { type Ball, projectL2, projectLinf } from "../ops/attack/project.ts";
import { abs, add, addScalar, divide, sign } from "../ops/pointwise.ts";
import { normal, type RandomKey, uniform } from "../ops/random/random.ts";
import { sum, trailingAxes } from "../ops/reduce/reduce.ts";

/** The norms of the literature's threat models. */
export type Norm = "linf" | "l2";

/** A ball of allowed perturbations of images in [0, 1]. */
export interface ThreatModel {
  /** The norm of a perturbation. */
  readonly norm: Norm;
  /** The radius of the ball, for images in [0, 1]. */
  readonly epsilon: number;
  /** Moves an iterate by a step of steepest ascent, then back into the ball. */
  ascend(iterate: Variable, options: Omit<Ascent, "epsilon">): void;
  /** The nearest point in the ball. */
  project(x: Tensor, options: Omit<Ball, "epsilon">): Tensor;
  /** The images moved by a perturbation drawn uniformly from the ball. */
  sample(images: Tensor, key: RandomKey): Tensor;
  /** The direction of steepest ascent along a gradient, of length 1. */
  steepest(gradient: Tensor): Tensor;
  /** The length of each image's perturbation, (N, 1, …). */
  length(perturbation: Tensor): Tensor;
  /**
   * The largest measured length that counts as inside the ball. Nothing inside is
   * longer, whatever is rounded in storing and measuring it.
   */
  readonly longest: number;
  /** Each image's perturbation, (N, …), over its length. */
  unit(perturbation: Tensor): Tensor;
  /** The gain of a step of length 1 in that direction, the dual norm, (N, 1, …). */
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
 * A pixel in [0, 1] is stored to 2^-25, half a unit in the last place, so that x +
 * epsilon may lie further out by as much; the radius and the difference of two pixels
 * are rounded by 2^-24 of themselves. `longest` allows for twice that: nothing further
 * out than epsilon (1 + 2^-21) + 2^-23 counts, which is 4e-6 of a radius of 8 / 255.
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
    longest: epsilon * (1 + 2 ** -22) + 2 ** -24,
    unit: unitLinf,
    dualLength: (gradient) => sum(abs(gradient), { start: 1, keep: true }),
    direction: (shape, key) =>
      unitLinf(uniform(key, shape, { low: -1, high: 1 })),
  };
}

/**
 * Perturbations of Euclidean norm at most `epsilon` per image.
 *
 * Projections end inside the ball, and lengths are sums that are not rounded, so that
 * neither depends on the number of pixels. What remains is that of the root, up to 5
 * units in the last place, 2^-20.6, and of the radius: `longest` is epsilon (1 + 2^-20),
 * and nothing further out than epsilon (1 + 2^-19), which is 2 ppm, counts.
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
    steepest: unitL2,
    length: lengthL2,
    longest: epsilon * (1 + 2 ** -20),
    unit: unitL2,
    dualLength: lengthL2,
    direction: (shape, key) => unitL2(normal(key, shape)),
  };
}

function lengthLinf(x: Tensor): Tensor {
  return trailingAxes(max(abs(x)), x.shape.length);
}

/** Each image over its largest magnitude. */
function unitLinf(x: Tensor): Tensor {
  return divide(x, addScalar(lengthLinf(x), 1e-12));
}
