// The pointwise operations as functions: arithmetic on tensors, element by element. The
// table in `pointwise_op.ts` has their WGSL.

import { applyOne, type Operand } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type PointwiseName, pointwiseOp } from "./pointwise_op.ts";

function pointwise(
  name: PointwiseName,
  inputs: readonly Operand[],
  { p = 0, q = 0 }: { readonly p?: number; readonly q?: number } = {},
): Tensor {
  return applyOne(pointwiseOp, inputs, { name, p, q });
}

/** -a. */
export function negate(a: Operand): Tensor {
  return pointwise("negate", [a]);
}

/** e to the a. */
export function exp(a: Operand): Tensor {
  return pointwise("exp", [a]);
}

/** The natural logarithm of a. */
export function log(a: Operand): Tensor {
  return pointwise("log", [a]);
}

/** The hyperbolic tangent of a. */
export function tanh(a: Operand): Tensor {
  return pointwise("tanh", [a]);
}

/** |a|, with derivative 0 at 0. */
export function abs(a: Operand): Tensor {
  return pointwise("abs", [a]);
}

/** a². */
export function square(a: Operand): Tensor {
  return pointwise("square", [a]);
}

/** The square root of a. */
export function sqrt(a: Operand): Tensor {
  return pointwise("sqrt", [a]);
}

/** -1, 0 or 1, with derivative 0. */
export function sign(a: Operand): Tensor {
  return pointwise("sign", [a]);
}

/** max(a, 0), with derivative 0 at 0. */
export function relu(a: Operand): Tensor {
  return pointwise("relu", [a]);
}

/** The cotangent of relu's input, from that of its output and the output. */
export function reluGradient(dy: Tensor, y: Tensor): Tensor {
  // The rule of relu looks at its output only; the input's place is not read.
  const params = { name: "relu", p: 0, q: 0, cotangentOf: 0 } as const;
  return applyOne(pointwiseOp, [dy, y, y], params);
}

/** a / (1 + e to the -a): SiLU, which other papers call swish. */
export function silu(a: Operand): Tensor {
  return pointwise("silu", [a]);
}

/** 1 / (1 + e to the -a), the logistic function. */
export function sigmoid(a: Operand): Tensor {
  return pointwise("sigmoid", [a]);
}

/**
 * a Φ(a), with Φ the distribution function of the standard normal distribution: GELU
 * (Hendrycks & Gimpel, 2016) in its exact form, within 1e-7 |a|.
 */
export function gelu(a: Operand): Tensor {
  return pointwise("gelu", [a]);
}

/** a · factor, for a factor that does not change between steps. */
export function mulScalar(a: Operand, factor: number): Tensor {
  return pointwise("mulScalar", [a], { p: factor });
}

/** a + summand, for a summand that does not change between steps. */
export function addScalar(a: Operand, summand: number): Tensor {
  return pointwise("addScalar", [a], { p: summand });
}

/** a limited to [low, high], with derivative 0 outside. */
export function clamp(
  a: Operand,
  { low, high }: { readonly low: number; readonly high: number },
): Tensor {
  return pointwise("clamp", [a], { p: low, q: high });
}

/** a + b, shapes broadcast as in NumPy. */
export function add(a: Operand, b: Operand): Tensor {
  return pointwise("add", [a, b]);
}

/** a - b, shapes broadcast as in NumPy. */
export function subtract(a: Operand, b: Operand): Tensor {
  return pointwise("subtract", [a, b]);
}

/** a · b, shapes broadcast as in NumPy. */
export function multiply(a: Operand, b: Operand): Tensor {
  return pointwise("multiply", [a, b]);
}

/** a / b, shapes broadcast as in NumPy. */
export function divide(a: Operand, b: Operand): Tensor {
  return pointwise("divide", [a, b]);
}

/** The larger of a and b; where they are equal the derivative goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return pointwise("maximum", [a, b]);
}

/** 1 where a < b, else 0, with derivative 0. */
export function less(a: Operand, b: Operand): Tensor {
  return pointwise("less", [a, b]);
}

/** `yes` where the condition is positive, else `no`. */
export function where(
  condition: Operand,
  { yes, no }: { readonly yes: Operand; readonly no: Operand },
): Tensor {
  return pointwise("where", [condition, yes, no]);
}
