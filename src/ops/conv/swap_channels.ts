// Weights with their input and output channels swapped, as an input gradient takes
// them. It is an operation of its own, so that it is done once where weights do not
// change, as in an attack.

import { linearGrid } from "../../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { like, sizeOf, type Tensor } from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";

/** Weights (R, S, C, K) as (R, S, K, C), and back. */
export const swapChannelsOp: Op = {
  name: "swap_channels",
  half: true,

  infer([w]) {
    const [R, S, C, K] = w!.shape as [number, number, number, number];
    return [like(w!, [R, S, K, C])];
  },

  vjp: (_, [dy]) => [swapChannels(dy!)],

  lower({ inputs: [w], outputs: [y] }) {
    const [R, S, C, K] = w!.shape as [number, number, number, number];
    return [{
      label: "swap channels",
      kernel: kernel("swap_channels", { constants: { Stored: w!.dtype } }),
      reads: [w!],
      writes: [y!],
      arguments: { taps: R * S, C, K },
      workgroups: linearGrid(sizeOf(w!.shape), 64),
    }];
  },
};

/** Weights (R, S, C, K) as (R, S, K, C), and back. */
export function swapChannels(w: Operand): Tensor {
  return applyOne(swapChannelsOp, [w], undefined);
}
