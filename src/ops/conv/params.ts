// The parameters of a convolution and of its gradients, and what is computed: sizes and
// epilogue, from the parameters and the types of an operation's inputs.

import { f32, type Shape, type TensorType } from "../../graph/tensor.ts";
import type { Convolution } from "./algorithm.ts";
import type { Epilogue } from "./epilogue.ts";
import type { ConvProblem } from "./problem.ts";

/** How the filter moves: the same in both directions. */
export interface ConvGeometry {
  readonly stride: number;
  /** Zeros before the first row and column. */
  readonly padding: number;
  /** Zeros behind the last row and column; as many as before the first if absent. */
  readonly paddingEnd?: number;
}

/** The parameters of a convolution: geometry and epilogue. */
export interface ConvParams extends ConvGeometry, Epilogue {}

/** The parameters of a gradient, with the shape of its output. */
export interface ConvGradientParams extends ConvGeometry {
  readonly shape: Shape;
}

/** The parameters of an input gradient, with its epilogue. */
export interface ConvInputGradientParams
  extends ConvGradientParams, Pick<Epilogue, "residual" | "mask"> {}

/** The inputs of an operation, of which the types count. */
export interface ConvInputs {
  readonly inputs: readonly TensorType[];
}

/** The problem of a convolution of x with w. */
export function problemOf(
  x: TensorType,
  w: TensorType,
  geometry: ConvGeometry,
): ConvProblem {
  const { stride, padding, paddingEnd = padding } = geometry;
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const [R, S, , K] = w.shape as [number, number, number, number];
  // Kernels read 0 outside of the image, so that only the output's size knows the end.
  const P = Math.floor((H + padding + paddingEnd - R) / stride) + 1;
  const Q = Math.floor((W + padding + paddingEnd - S) / stride) + 1;
  return { N, H, W, C, K, R, S, P, Q, stride, padding };
}

/** The convolution of an operation's inputs. */
export function forwardOf(
  { inputs: [x, w] }: ConvInputs,
  params: ConvParams,
): Convolution {
  const { shift = false, residual = false, relu = false } = params;
  return {
    problem: problemOf(x!, w!, params),
    epilogue: { shift, residual, relu },
  };
}

/** The input gradient of an operation's inputs. */
export function inputGradientOf(
  { inputs }: ConvInputs,
  params: ConvInputGradientParams,
): Convolution {
  const { residual = false, mask = false } = params;
  const problem = gradientProblem(inputs[1]!, params);
  return { problem, epilogue: { residual, mask } };
}

/** The problem whose input gradient has the given weights. */
function gradientProblem(
  swapped: TensorType,
  params: ConvGradientParams,
): ConvProblem {
  const [R, S, K, C] = swapped.shape as [number, number, number, number];
  return problemOf(f32(params.shape), f32([R, S, C, K]), params);
}

/** The weight gradient of an operation's inputs. */
export function weightGradientOf(
  { inputs: [x] }: ConvInputs,
  params: ConvGradientParams,
): Convolution {
  const problem = problemOf(x!, f32(params.shape), params);
  return { problem, epilogue: {} };
}
