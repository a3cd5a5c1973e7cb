// One pass of a convolution by itself, to be measured: its operands on a device, and the
// programs that compute it by one algorithm or another.

import type { Device, Target } from "../../gpu/device.ts";
import { Memory } from "../../gpu/memory.ts";
import type { Program } from "../../gpu/program.ts";
import { compile } from "../../graph/compile.ts";
import { applyOne, Graph } from "../../graph/graph.ts";
import { type Tensor, Variable } from "../../graph/tensor.ts";
import { cast } from "../cast.ts";
import { store } from "../store.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
} from "./conv2d.ts";
import type { ConvPass, ConvProblem } from "./problem.ts";
import { swapChannels } from "./swap_channels.ts";

/** The operands of a convolution and its gradients. */
export interface Operands {
  readonly x: Variable;
  readonly w: Variable;
  readonly dy: Variable;
}

/** Variables for the operands of a problem. */
export function operandVariables(
  { N, H, W, C, K, R, S, P, Q }: ConvProblem,
): Operands {
  return {
    x: new Variable("x", [N, H, W, C]),
    w: new Variable("w", [R, S, C, K]),
    dy: new Variable("dy", [N, P, Q, K]),
  };
}

/** A pass of a problem, and whether its operands are narrowed to `f16` before. */
export interface TracedPass {
  readonly pass: ConvPass;
  readonly problem: ConvProblem;
  readonly half?: boolean;
}

/** Traces one pass. */
export function tracePass(
  graph: Graph,
  operands: Operands,
  { pass, problem, half = false }: TracedPass,
): Tensor {
  const read = (variable: Variable): Tensor => {
    const value = graph.read(variable);
    return half ? cast(value, "f16") : value;
  };
  const { H, R, P, stride, padding } = problem;
  const paddingEnd = Math.max(0, (P - 1) * stride + R - H - padding);
  const geometry = { stride, padding, paddingEnd };
  const { x, w, dy } = operands;
  if (pass === "forward") return conv2d(read(x), read(w), geometry);
  if (pass === "input gradient") {
    const params = { ...geometry, shape: x.shape };
    const swapped = swapChannels(read(w));
    return applyOne(conv2dInputGradientOp, [read(dy), swapped], params);
  }
  const params = { ...geometry, shape: w.shape };
  return applyOne(conv2dWeightGradientOp, [read(x), read(dy)], params);
}

/** One pass on a device, to be compiled in several ways. */
export interface UploadedPass {
  /** Holds the operands. */
  readonly memory: Memory;
  /** The operand that stays as it is in an attack. */
  readonly weights: Variable;
  /** Where the result goes, in f32. */
  readonly output: Variable;
  /** The pass by the algorithm that the target asks for. */
  compile(target: Target): Program;
}

/** Puts the operands of a pass on a device: numbers in [-1, 1) in no order. */
export function uploadPass(device: Device, traced: TracedPass): UploadedPass {
  const variables = operandVariables(traced.problem);
  const graph = new Graph();
  const value = cast(tracePass(graph, variables, traced), "f32");
  const output = new Variable("output", value.shape);
  store(value, output);
  const memory = new Memory(device);
  for (const variable of Object.values(variables)) {
    memory.write(variable, scattered(variable.byteLength / 4));
  }
  return {
    memory,
    weights: variables.w,
    output,
    compile: (target) => compile(graph, { name: traced.pass, ...target }),
  };
}

/** Numbers in [-1, 1) that no sum of few of them repeats; faster than random ones. */
function scattered(count: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let i = 0, x = 1; i < count; i++) {
    x = (Math.imul(1664525, x) + 1013904223) >>> 0;
    values[i] = x / 2 ** 31 - 1;
  }
  return values;
}
