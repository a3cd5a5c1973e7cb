// Single kernels as workloads: a convolution forward, and its two gradients. The
// gradients are asked for directly, as differentiation would, with the change of
// the weights' layout that an input gradient needs.

import type { Device, Target } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import type { Program } from "../src/gpu/program.ts";
import { compile } from "../src/graph/compile.ts";
import { applyOne, Graph } from "../src/graph/graph.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
} from "../src/ops/conv/conv2d.ts";
import type { ConvPass, ConvProblem } from "../src/ops/conv/problem.ts";
import { swapChannels } from "../src/ops/conv/swap_channels.ts";
import { store } from "../src/ops/store.ts";
import { bindTensor, type BoundWorkload } from "./bound_workload.ts";
import { type Convolution, operandsOf, outputSide } from "./inputs.ts";

/** The three passes of a convolution. */
export type Pass = ConvPass;

/** The operands of a convolution and its gradients. */
interface Operands {
  readonly x: Variable;
  readonly w: Variable;
  readonly dy: Variable;
}

function operandVariables(
  { N, H, W, C, K, R, S, P, Q }: ConvProblem,
): Operands {
  return {
    x: new Variable("x", [N, H, W, C]),
    w: new Variable("w", [R, S, C, K]),
    dy: new Variable("dy", [N, P, Q, K]),
  };
}

/** Traces one pass. */
function tracePass(
  graph: Graph,
  pass: Pass,
  { x, w, dy, geometry }: Operands & {
    readonly geometry: { readonly stride: number; readonly padding: number };
  },
): Tensor {
  if (pass === "forward") return conv2d(graph.read(x), w, geometry);
  if (pass === "input gradient") {
    const params = { ...geometry, shape: x.shape };
    const swapped = swapChannels(graph.read(w));
    return applyOne(conv2dInputGradientOp, [dy, swapped], params);
  }
  const params = { ...geometry, shape: w.shape };
  return applyOne(conv2dWeightGradientOp, [graph.read(x), dy], params);
}

/** Binds one pass of a convolution to a device. */
export function bindConvolution(
  device: Device,
  sizes: Convolution,
  pass: Pass,
): Promise<BoundWorkload> {
  const { N, H, C, K, R, stride, padding } = sizes;
  const side = outputSide(sizes);
  const values = operandsOf(sizes);
  const square = { N, H, W: H, C, K, R, S: R, P: side, Q: side };
  const variables = operandVariables({ ...square, stride, padding });
  const geometry = { stride, padding };
  return bindTensor(device, {
    name: pass,
    contents: [
      [variables.x, values.x],
      [variables.w, values.w],
      [variables.dy, values.dy],
    ],
    trace: (graph) => tracePass(graph, pass, { ...variables, geometry }),
  });
}

/** One pass on a device, to be compiled in several ways. */
export interface UploadedPass {
  /** Holds the operands. */
  readonly memory: Memory;
  /** Where the result goes. */
  readonly output: Variable;
  /** The pass by the algorithm that the target asks for. */
  compile(target: Target): Program;
}

/** Puts the operands of a pass on a device: numbers in [-1, 1) in no order. */
export function uploadPass(
  device: Device,
  { pass, problem }: { readonly pass: Pass; readonly problem: ConvProblem },
): UploadedPass {
  const { stride, padding } = problem;
  const variables = operandVariables(problem);
  const graph = new Graph();
  const geometry = { stride, padding };
  const value = tracePass(graph, pass, { ...variables, geometry });
  const output = new Variable("output", value.shape);
  store(value, output);
  const memory = new Memory(device);
  for (const variable of Object.values(variables)) {
    memory.write(variable, scattered(variable.byteLength / 4));
  }
  return {
    memory,
    output,
    compile: (target) => compile(graph, { name: pass, ...target }),
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
