// Single kernels as workloads: a convolution forward, and its two gradients. The
// gradients are asked for directly, as differentiation would, with the change of
// the weights' layout that an input gradient needs.

import type { Device } from "../src/gpu/device.ts";
import { applyOne, type Graph } from "../src/graph/graph.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
  swapChannels,
} from "../src/ops/conv2d.ts";
import { bindTensor, type BoundWorkload } from "./bound_workload.ts";
import { type Convolution, operandsOf, outputSide } from "./inputs.ts";

/** The three passes of a convolution. */
export type Pass = "forward" | "input gradient" | "weight gradient";

/** Binds one pass of a convolution to a device. */
export function bindConvolution(
  device: Device,
  sizes: Convolution,
  pass: Pass,
): Promise<BoundWorkload> {
  const { N, H, C, K, R, stride } = sizes;
  const side = outputSide(sizes);
  const values = operandsOf(sizes);
  const x = new Variable("x", [N, H, H, C]);
  const w = new Variable("w", [R, R, C, K]);
  const dy = new Variable("dy", [N, side, side, K]);
  const geometry = { stride, padding: sizes.padding };
  const traced = {
    "forward": (graph: Graph) => conv2d(graph.read(x), w, geometry),
    "input gradient": (graph: Graph) => {
      const swapped = swapChannels(graph.read(w));
      const params = { ...geometry, shape: x.shape };
      return applyOne(conv2dInputGradientOp, [dy, swapped], params);
    },
    "weight gradient": (graph: Graph): Tensor =>
      applyOne(conv2dWeightGradientOp, [graph.read(x), dy], {
        ...geometry,
        shape: w.shape,
      }),
  };
  return bindTensor(device, {
    name: pass,
    contents: [[x, values.x], [w, values.w], [dy, values.dy]],
    trace: traced[pass],
  });
}
