// The nearest point of a ball around clean images. Under the maximum norm it is
// composed of pointwise operations; the Euclidean one has a kernel, which sees to it
// that nothing leaves the ball by rounding.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import {
  formatType,
  sameShape,
  sizeOf,
  type Tensor,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { add, clamp, subtract } from "../pointwise.ts";
import { lanesOf } from "./lanes.ts";

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

/** The nearest point of each image's ball under the Euclidean norm, never outside. */
export function projectL2(
  x: Operand,
  { clean, epsilon, clip }: Ball,
): Tensor {
  return applyOne(projectL2Op, [x, clean], { epsilon, clip });
}

/** The radius, and whether to clip to [0, 1]. Inputs: points, clean images. */
export const projectL2Op: Op<Omit<Ball, "clean">> = {
  name: "project_l2",

  infer([point, clean]) {
    const right = [point!, clean!].every(({ dtype, shape }) =>
      dtype === "f32" && shape.length >= 2 && sameShape(shape, point!.shape)
    );
    if (right) return [point!];
    throw new TypeError(
      `Cannot project: expected points and clean images of one f32 shape (N, …) but found ${
        [point!, clean!].map(formatType).join(" and ")
      }`,
    );
  },

  lower({ inputs: [point, clean], outputs: [y] }, { epsilon, clip }) {
    const [images, ...image] = y!.shape as [number, ...number[]];
    const { Element, declarations, size } = lanesOf(sizeOf(image));
    const [low, high] = clip ? [0, 1] : [-LARGEST, LARGEST];
    return [{
      label: `project l2 (${y!.shape.join(", ")})`,
      kernel: kernel("project_l2", { constants: { Element }, declarations }),
      reads: [point!, clean!],
      writes: [y!],
      arguments: {
        size,
        epsilon: roundedDown(epsilon),
        low: low!,
        high: high!,
      },
      workgroups: [images, 1, 1],
    }];
  },
};

/** The largest number of 32 bits, as good as no bound. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The largest number of 32 bits that is not above a radius, which is at least 0. */
export function roundedDown(radius: number): number {
  const nearest = new Float32Array([radius]);
  if (nearest[0]! > radius) new Uint32Array(nearest.buffer)[0]! -= 1;
  return nearest[0]!;
}
