// Single kernels as workloads: a convolution forward, and its two gradients. The
// gradients are asked for directly, as differentiation would, with the change of
// the weights' layout that an input gradient needs.

import type { Device } from "../src/gpu/device.ts";
import { operandVariables, tracePass } from "../src/ops/conv/pass_operands.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";
import { bindTensor, type BoundWorkload } from "./bound_workload.ts";
import { type Convolution, operandsOf, outputSide } from "./inputs.ts";

/** The three passes of a convolution. */
export type Pass = ConvPass;

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
  const problem = { ...square, stride, padding };
  const variables = operandVariables(problem);
  return bindTensor(device, {
    name: pass,
    contents: [
      [variables.x, values.x],
      [variables.w, values.w],
      [variables.dy, values.dy],
    ],
    trace: (graph) => tracePass(graph, variables, { pass, problem }),
  });
}
