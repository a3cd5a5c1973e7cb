// Input gradients of convolutions with stride 2 on software adapters whose subgroups are
// SIMD registers of eight lanes: 32 channels of dy at a time, whose weights are kept
// beside a lane's registers. They are ordered by an operation of its own, so that an
// attack does that once.

import { type Dispatch, linearGrid } from "../../../../gpu/program.ts";
import type { Expansion, Op, Storage } from "../../../../graph/graph.ts";
import { f32, type Shape, type Tensor } from "../../../../graph/tensor.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { ConvAlgorithm, Convolution } from "../../algorithm.ts";
import { bindEpilogue, type Epilogue } from "../../epilogue.ts";
import { convFlops, convLabel, type ConvProblem } from "../../problem.ts";
import { hasSimdLanes, simdCost, WORKGROUPS } from "./target.ts";

/** Billions of operations per second on llvmpipe, at most. */
const GFLOPS = 45;

/** Channels of dy at a time, and channels of dx of a workgroup. */
const BLOCK = 32;
const CHANNELS = 16;

/** Most channels of dx: those whose weights fit into a uniform buffer everywhere. */
const MOST_CHANNELS = 48;

/** Input gradients of 3x3 filters with stride 2. */
export const simdStride2: ConvAlgorithm = {
  name: "simdStride2",

  supports({ problem: { R, S, C, K, stride, padding }, target }) {
    return hasSimdLanes(target) && R === 3 && S === 3 && stride === 2 &&
      padding === 1 && K % BLOCK === 0 && C % CHANNELS === 0 &&
      C <= MOST_CHANNELS;
  },

  cost: ({ problem, target }) => simdCost(problem, { target, gflops: GFLOPS }),
  expand: { "input gradient": inputGradient },
};

/** The operations in place of an input gradient of dy, swapped w, and what follows. */
function inputGradient(
  { inputs: [dy, w, ...added], outputs: [dx], apply }: Expansion,
  { epilogue }: Convolution,
): readonly Tensor[] {
  const blocks = Array.from(
    { length: w!.shape[2]! / BLOCK },
    (_, block) => apply(simdStride2FiltersOp, [w!], { block })[0]!,
  );
  return apply(simdStride2InputGradientOp, [dy!, ...blocks, ...added], {
    ...epilogue,
    shape: dx!.shape,
  });
}

/** Input w with channels swapped, (3, 3, K, C); output a block of it, ordered for lanes. */
export const simdStride2FiltersOp: Op<{ readonly block: number }> = {
  name: "simd_stride2_filters",

  infer([w]) {
    const C = w!.shape[3]!;
    return [f32([C / CHANNELS, 9, BLOCK / 2, 8, 4])];
  },

  lower({ inputs: [w], outputs: [u] }, { block }) {
    const [, , K, C] = w!.shape as [number, number, number, number];
    return [{
      label: "simd stride 2 filters",
      kernel: kernel("conv_simd_stride2_filters"),
      reads: [w!],
      writes: [u!],
      arguments: { K, C, first: block * BLOCK },
      workgroups: linearGrid(9 * BLOCK * C, 64),
    }];
  },
};

/** An input gradient with ordered weights. */
export interface SimdStride2Params extends Epilogue {
  readonly shape: Shape;
}

/** Inputs dy, a block of weights for 32 of its channels each, [residual], [mask]; output dx. */
export const simdStride2InputGradientOp: Op<SimdStride2Params> = {
  name: "simd_stride2_input_gradient",
  infer: (_, { shape }) => [f32(shape)],

  lower(io, epilogue) {
    const { inputs: [dy, ...inputs], outputs: [dx] } = io;
    const [N, P, Q, K] = dy!.shape as [number, number, number, number];
    const [, H, W, C] = dx!.shape as [number, number, number, number];
    const blocks = K / BLOCK;
    const { reads: [, , , residual, mask], flags } = bindEpilogue(
      [dy!, dy!, ...inputs.slice(blocks)],
      epilogue,
    );
    const image = { H, W, P, Q };
    const problem = { N, ...image, C, K, R: 3, S: 3, stride: 2, padding: 1 };
    const { groups, ...rows } = rowsOf(problem);
    return inputs.slice(0, blocks).map((u, block): Dispatch<Storage> => {
      const last = block === blocks - 1;
      return {
        label: `conv2d input gradient ${convLabel(problem)}`,
        // It takes seconds to compile: flags are arguments, so that it is compiled once.
        kernel: kernel("conv_simd_stride2_input_gradient", {
          constants: { CHANNELS: C },
          ...vectorAccess(io),
        }),
        reads: [dy!, u, residual, mask],
        writes: [dx!],
        arguments: {
          ...image,
          K,
          first: block * BLOCK / 4,
          ...rows,
          has_sum: Number(block > 0),
          has_residual: last ? flags.has_residual : 0,
          has_mask: last ? flags.has_mask : 0,
        },
        workgroups: [groups, C / CHANNELS, 1],
        flops: convFlops(problem) / blocks,
      };
    });
  },
};

/** Rows of pairs of rows of dx, and the groups that share them. */
function rowsOf({ N, H, C }: Pick<ConvProblem, "N" | "H" | "C">) {
  const perImage = Math.ceil(H / 2);
  const rows = N * perImage;
  const perGroup = Math.ceil(rows / Math.ceil(WORKGROUPS * CHANNELS / C));
  return {
    groups: Math.ceil(rows / perGroup),
    rows_per_image: perImage,
    rows,
    rows_per_group: perGroup,
  };
}
