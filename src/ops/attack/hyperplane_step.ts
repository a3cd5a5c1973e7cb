// The projection onto a hyperplane inside the range of images, which the FAB attack
// takes in every step: the shortest way, in the maximum or the Euclidean norm, to
// where a linear function has a wanted value. It has no derivative.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import {
  formatType,
  sameShape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";

/** The norm that the way is shortest in. */
export interface HyperplaneParams {
  readonly norm: "linf" | "l2";
}

/** Inputs: points (N, …), normals (N, …), excess (N). */
export const hyperplaneStepOp: Op<HyperplaneParams> = {
  name: "hyperplane_step",

  infer([point, normal, excess]) {
    check([point!, normal!, excess!]);
    return [point!];
  },

  lower({ inputs: [point, normal, excess], outputs: [step] }, { norm }) {
    const [images, ...image] = point!.shape as [number, ...number[]];
    // The authors' code leaves out what is too small to divide by; here it is what is
    // small beside the largest element.
    const least = norm === "linf" ? 0 : 1e-8;
    const LINF = norm === "linf" ? 1 : 0;
    return [{
      label: `hyperplane step (${point!.shape.join(", ")})`,
      kernel: kernel("hyperplane_step", { constants: { LINF } }),
      reads: [point!, normal!, excess!],
      writes: [step!],
      arguments: { size: sizeOf(image), least },
      workgroups: [images, 1, 1],
    }];
  },
};

function check(
  [point, normal, excess]: readonly [TensorType, TensorType, TensorType],
): void {
  const wrong = point.shape.length < 2 ||
    !sameShape(point.shape, normal.shape) ||
    !sameShape(excess.shape, point.shape.slice(0, 1)) ||
    [point, normal, excess].some(({ dtype }) => dtype !== "f32");
  if (!wrong) return;
  throw new TypeError(
    `Cannot step to a hyperplane: expected points and normals of one f32 shape (N, …) and f32 (N) but found ${
      [point, normal, excess].map(formatType).join(", ")
    }`,
  );
}

/** A hyperplane for each image, and the norm of the way there. */
export interface Hyperplane extends HyperplaneParams {
  /** Gradients of linear functions of the images, (N, …). */
  readonly normal: Operand;
  /** How much each function is above its wanted value, (N). */
  readonly excess: Operand;
}

/**
 * The shortest steps d (N, …) after which each linear function has its wanted value
 * and x + d is in [0, 1]; where that is impossible, as far as [0, 1] allows.
 *
 * @param x Images (N, …) in [0, 1].
 */
export function hyperplaneStep(
  x: Operand,
  { normal, excess, norm }: Hyperplane,
): Tensor {
  return applyOne(hyperplaneStepOp, [x, normal, excess], { norm });
}
