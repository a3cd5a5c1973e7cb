// Winograd's method for software adapters whose subgroups are SIMD registers of eight
// lanes, all in one kernel: strips of tiles of 2x2 outputs, over 16 channels. It needs
// few channels, so that the transformed filters fit beside a lane's registers.

import type { Op } from "../../../../graph/graph.ts";
import { f32, type Shape } from "../../../../graph/tensor.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { ConvAlgorithm, ExpandPass } from "../../algorithm.ts";
import { bindEpilogue, type Epilogue } from "../../epilogue.ts";
import { convFlops, convLabel } from "../../problem.ts";
import { winogradFiltersOp } from "../winograd_filters.ts";
import { hasSimdLanes, simdCost, WORKGROUPS } from "./target.ts";

/** Billions of the definition's operations per second on llvmpipe. */
const GFLOPS = 80;

/** Channels that are summed, and filters of a workgroup. */
const CHANNELS = 16;
const FILTERS = 16;

/** Most filters: those whose transforms fit into a uniform buffer on every device. */
const MOST_FILTERS = 64;

/** 3x3 filters with stride 1 over 16 channels. */
export const simdWinograd: ConvAlgorithm = {
  name: "simdWinograd",

  supports({ pass, problem, target }) {
    const { R, S, C, K, stride, padding } = problem;
    const [channels, filters] = pass === "forward" ? [C, K] : [K, C];
    return hasSimdLanes(target) && R === 3 && S === 3 && stride === 1 &&
      padding === 1 && channels === CHANNELS && filters % FILTERS === 0 &&
      filters <= MOST_FILTERS;
  },

  cost: ({ problem, target }) => simdCost(problem, { target, gflops: GFLOPS }),

  expand: {
    "forward": expansion({ transposed: false }),
    "input gradient": expansion({ transposed: true }),
  },
};

/** A convolution of x or dy as transformed filters, and a convolution with them. */
function expansion(
  { transposed }: { readonly transposed: boolean },
): ExpandPass {
  return ({ inputs: [x, w, ...added], outputs: [y], apply }, { epilogue }) => {
    const filters = { tile: 2, rotated: transposed } as const;
    const [u] = apply(winogradFiltersOp, [w!], filters);
    const params = { ...epilogue, shape: y!.shape, transposed };
    return apply(simdWinogradConv2dOp, [x!, u!, ...added], params);
  };
}

/** A convolution with transformed filters. */
export interface SimdWinogradParams extends Epilogue {
  readonly shape: Shape;
  /** Whether it is an input gradient: how it is called in a profile. */
  readonly transposed: boolean;
}

/** Inputs x, transformed filters, and what the epilogue adds; output y of the given shape. */
export const simdWinogradConv2dOp: Op<SimdWinogradParams> = {
  name: "simd_winograd_conv2d",
  infer: (_, { shape }) => [f32(shape)],

  lower(io, { transposed, ...epilogue }) {
    const { inputs, outputs: [y] } = io;
    const [N, H, W, C] = inputs[0]!.shape as [number, number, number, number];
    const [, P, Q, K] = y!.shape as [number, number, number, number];
    const sizes = transposed
      ? { H: P, W: Q, C: K, K: C, P: H, Q: W }
      : { H, W, C, K, P, Q };
    const problem = { N, R: 3, S: 3, stride: 1, padding: 1, ...sizes };
    const stripsPerImage = Math.ceil(P / 2);
    const strips = N * stripsPerImage;
    const pairs = Math.ceil(strips / 2 / Math.ceil(WORKGROUPS * FILTERS / K));
    const { reads, flags } = bindEpilogue(inputs, epilogue);
    const cut = { strips_per_image: stripsPerImage, strips, pairs };
    return [{
      label: `conv2d ${transposed ? "input gradient " : ""}${
        convLabel(problem)
      } simd`,
      // It takes seconds to compile: flags are arguments, so that it is compiled once.
      kernel: kernel("conv_simd_winograd", {
        constants: { FILTERS: K },
        ...vectorAccess(io),
      }),
      reads,
      writes: [y!],
      arguments: { H, W, P, Q, ...cut, ...flags },
      workgroups: [Math.ceil(strips / 2 / pairs), K / FILTERS, 1],
      flops: convFlops(problem),
    }];
  },
};
