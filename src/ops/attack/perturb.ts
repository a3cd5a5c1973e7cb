// The perturbations of projected gradient attacks (Madry et al., 2018): steps of
// steepest ascent, in place and fused with the projection onto the ball around the
// clean images and onto [0, 1], in that order.
//
// The projection of a start, which runs once per attack, is composed of pointwise
// operations; the steps, which run in every iteration, have kernels.

import { linearGrid } from "../../gpu/program.ts";
import { apply, type Op, type Operand } from "../../graph/graph.ts";
import {
  formatType,
  sameShape,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
  type Variable,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import {
  add,
  addScalar,
  clamp,
  divide,
  exp,
  log,
  mulScalar,
  multiply,
  negate,
  sqrt,
  square,
  subtract,
} from "../pointwise.ts";
import { normal, type RandomKey, uniform } from "../random/random.ts";
import { sum } from "../reduce/reduce.ts";

/** The radius of the ball and the length of a step, for images in [0, 1]. */
export interface AscentParams {
  /** The radius of the ball. */
  readonly epsilon: number;
  /** The length of a step. */
  readonly stepSize: number;
}

/** x' := clip(x + clamp(x' + stepSize sign(g) - x)). Inputs: x', x, g. */
export const ascendLinfOp: Op<AscentParams> = {
  name: "ascend_linf",
  updates: [0],

  infer(inputs) {
    checkImages(inputs);
    return [];
  },

  lower({ inputs: [adversarial, clean, gradient] }, params) {
    const { epsilon, stepSize: step_size } = params;
    const { Element, size } = elements(sizeOf(clean!.shape));
    return [{
      label: `ascend linf (${clean!.shape.join(", ")})`,
      kernel: kernel("perturb_linf", { constants: { Element } }),
      reads: [clean!, gradient!],
      writes: [adversarial!],
      arguments: { size, epsilon, step_size },
      workgroups: linearGrid(size, 64),
    }];
  },
};

/** x' := clip(x + project(x' + stepSize g / |g| - x)). Inputs: x', x, g. */
export const ascendL2Op: Op<AscentParams> = {
  name: "ascend_l2",
  updates: [0],

  infer(inputs) {
    checkImages(inputs);
    return [];
  },

  lower({ inputs: [adversarial, clean, gradient] }, params) {
    const { epsilon, stepSize: step_size } = params;
    const [images, ...image] = clean!.shape;
    const { Element, size } = elements(sizeOf(image));
    const declarations = Element === "vec4f"
      ? "fn total(v: vec4f) -> f32 { return v.x + v.y + v.z + v.w; }"
      : "fn total(v: f32) -> f32 { return v; }";
    return [{
      label: `ascend l2 (${clean!.shape.join(", ")})`,
      kernel: kernel("perturb_l2", { constants: { Element }, declarations }),
      reads: [clean!, gradient!],
      writes: [adversarial!],
      arguments: { size, epsilon, step_size },
      workgroups: [images!, 1, 1],
    }];
  },
};

/** Four elements at a time where their number allows it. */
function elements(count: number): { Element: "vec4f" | "f32"; size: number } {
  return count % 4 === 0
    ? { Element: "vec4f", size: count / 4 }
    : { Element: "f32", size: count };
}

function checkImages(inputs: readonly TensorType[]): void {
  const [adversarial, ...others] = inputs;
  const wrong = adversarial!.shape.length < 2 ||
    inputs.some(({ dtype }) => dtype !== "f32") ||
    others.some(({ shape }) => !sameShape(shape, adversarial!.shape));
  if (wrong) {
    throw new TypeError(
      `Cannot perturb: expected adversarial and clean images and a gradient of one f32 shape but found ${
        inputs.map(formatType).join(", ")
      }`,
    );
  }
}

/** The clean images, the gradient and the bounds of a step of ascent. */
export interface Ascent extends AscentParams {
  /** The images that the perturbation is relative to. */
  readonly clean: Operand;
  /** The gradient of the surrogate with respect to the images. */
  readonly gradient: Tensor;
}

/**
 * One ascent step under the maximum norm, in place: by `stepSize` along the sign of
 * the gradient, back to within `epsilon` of the clean images, and into [0, 1]. The
 * sign of 0 is 0; NaN stays NaN, so that an attack that fails does not look like a
 * defense that holds.
 */
export function ascendLinf(adversarial: Variable, ascent: Ascent): void {
  const { clean, gradient, epsilon, stepSize } = ascent;
  apply(ascendLinfOp, [adversarial, clean, gradient], { epsilon, stepSize });
}

/**
 * One ascent step under the Euclidean norm of each image (N, …), in place: by
 * `stepSize` along the gradient divided by its norm plus 1e-12, back into the ball
 * of radius `epsilon` around the clean image, and into [0, 1].
 */
export function ascendL2(adversarial: Variable, ascent: Ascent): void {
  const { clean, gradient, epsilon, stepSize } = ascent;
  apply(ascendL2Op, [adversarial, clean, gradient], { epsilon, stepSize });
}

/** A ball around clean images. */
export interface Ball {
  /** The images at the centers. */
  readonly clean: Operand;
  /** The radius. */
  readonly epsilon: number;
  /** Whether to clip to [0, 1] as well; TRADES does not clip its start. */
  readonly clip: boolean;
}

/** The nearest point of the ball under the maximum norm. */
export function projectLinf(
  x: Tensor,
  { clean, epsilon, clip }: Ball,
): Tensor {
  const bounds = { low: -epsilon, high: epsilon };
  const projected = add(clean, clamp(subtract(x, clean), bounds));
  return clip ? clamp(projected, { low: 0, high: 1 }) : projected;
}

/** The nearest point of each image's ball under the Euclidean norm. */
export function projectL2(x: Tensor, { clean, epsilon, clip }: Ball): Tensor {
  const difference = subtract(x, clean);
  // epsilon / max(norm, epsilon), for any epsilon including 0.
  const bounds = { low: Math.max(epsilon, 1e-12), high: Infinity };
  const norm = clamp(norms(difference), bounds);
  const shrunk = divide(mulScalar(difference, epsilon), norm);
  const projected = add(clean, shrunk);
  return clip ? clamp(projected, { low: 0, high: 1 }) : projected;
}

/**
 * Perturbations (N, …) that are uniform in the Euclidean ball of radius `epsilon`:
 * a normal vector's direction, and the radius epsilon u^(1/d) in d dimensions.
 */
export function uniformInL2Ball(
  key: RandomKey,
  shape: Shape,
  { epsilon }: { readonly epsilon: number },
): Tensor {
  const [images, ...image] = shape;
  const direction = normal(key, shape);
  const perImage = [images!, ...image.map(() => 1)];
  const radiusKey = { ...key, stream: `${key.stream}/radius` };
  // 1 - u is in (0, 1], where the logarithm is finite.
  const u = addScalar(negate(uniform(radiusKey, perImage)), 1);
  const radius = mulScalar(exp(mulScalar(log(u), 1 / sizeOf(image))), epsilon);
  return multiply(direction, divide(radius, norms(direction)));
}

/** The Euclidean norm of each image, (N, 1, …). */
function norms(x: Tensor): Tensor {
  return sqrt(sum(square(x), { start: 1, keep: true }));
}
