// The Euclidean length of images, and images over it. Attacks normalize gradients that
// may be tiny, where a network is sure, and a verdict hangs on the length of a
// perturbation: squares neither vanish nor overflow, and the sum for a length is not
// rounded (src/wgsl/square_sum.wgsl). They have no derivative.

import type { Dispatch } from "../../gpu/program.ts";
import {
  applyOne,
  type Lowering,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  f32,
  formatType,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { lanesOf } from "./lanes.ts";

/** The smallest normal number of 32 bits; a device may take what is below for 0. */
export const SMALLEST_NORMAL: number = 2 ** -126;

/** y[n] = |x[n]|, with the axes of an image left in place. */
export const lengthL2Op: Op = {
  name: "length_l2",

  infer([x]) {
    checkImages(x!);
    return [f32(x!.shape.map((n, axis) => axis === 0 ? n : 1))];
  },

  lower: (io) => [perImage("length_l2", io)],
};

/** y[n] = x[n] / |x[n]|, and 0 where x[n] is. */
export const unitL2Op: Op = {
  name: "unit_l2",

  infer([x]) {
    checkImages(x!);
    return [x!];
  },

  lower: (io) => [perImage("unit_l2", io)],
};

function checkImages(x: TensorType): void {
  if (x.dtype === "f32" && x.shape.length >= 2) return;
  throw new TypeError(
    `Cannot measure: expected f32 (N, …) but found ${formatType(x)}`,
  );
}

/** One workgroup for each image. */
function perImage(
  name: "length_l2" | "unit_l2",
  { inputs: [x], outputs: [y] }: Lowering,
): Dispatch<Storage> {
  const [images, ...image] = x!.shape as [number, ...number[]];
  const { Element, declarations, size } = lanesOf(sizeOf(image));
  return {
    label: `${name.replace("_", " ")} (${x!.shape.join(", ")})`,
    kernel: kernel(name, { constants: { Element }, declarations }),
    reads: [x!],
    writes: [y!],
    arguments: { size },
    workgroups: [images, 1, 1],
  };
}

/**
 * The Euclidean length of each image of x (N, …): (N, 1, …), to 5 units in the last
 * place where its largest element is a normal number, at least 2^-126.
 */
export function lengthL2(x: Operand): Tensor {
  return applyOne(lengthL2Op, [x], undefined);
}

/** Each image of x (N, …) over its Euclidean length; 0 where it is 0 everywhere. */
export function unitL2(x: Operand): Tensor {
  return applyOne(unitL2Op, [x], undefined);
}
