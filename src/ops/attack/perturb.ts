// The perturbations of projected gradient attacks (Madry et al., 2018): steps of
// steepest ascent, in place and fused with the projection onto the ball around the
// clean images and onto [0, 1], in that order; and starts inside the ball.

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
  addScalar,
  divide,
  exp,
  log,
  mulScalar,
  multiply,
  negate,
} from "../pointwise.ts";
import { normal, type RandomKey, uniform } from "../random/random.ts";
import { lanesOf } from "./lanes.ts";
import { lengthL2 } from "./length.ts";
import { roundedDown } from "./project.ts";

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
    const { Element, size } = lanesOf(sizeOf(clean!.shape));
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
    const { stepSize: step_size } = params;
    const epsilon = roundedDown(params.epsilon);
    const [images, ...image] = clean!.shape;
    const { Element, declarations, size } = lanesOf(sizeOf(image));
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

/** @throws {TypeError} unless all are f32 and of one shape (N, …). */
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
 * `stepSize` along the gradient divided by its norm, back into the ball of radius
 * `epsilon` around the clean image, and into [0, 1]. A gradient whose largest element
 * is a normal number, at least 2^-126, makes a whole step; one of 0 makes none. No
 * perturbation is longer than `epsilon`, whatever is rounded.
 */
export function ascendL2(adversarial: Variable, ascent: Ascent): void {
  const { clean, gradient, epsilon, stepSize } = ascent;
  apply(ascendL2Op, [adversarial, clean, gradient], { epsilon, stepSize });
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
  return multiply(direction, divide(radius, lengthL2(direction)));
}
