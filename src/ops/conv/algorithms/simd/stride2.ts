// Input gradients of strided convolutions on software adapters whose subgroups are SIMD
// registers of eight lanes: 32 channels of dy at a time, whose weights are kept beside a
// lane's registers. They are ordered by an operation of its own, so that an attack does
// that once.

import { linearGrid } from "../../../../gpu/program.ts";
import type { Expansion, Op } from "../../../../graph/graph.ts";
import { f32, type Shape, type Tensor } from "../../../../graph/tensor.ts";
import {
  convFlops,
  convLabel,
  type ConvPass,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../../problem.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";

/** Channels of dy at a time, and channels of dx of a workgroup. */
const BLOCK = 32;
const CHANNELS = 16;

/** Most channels of dx: those whose weights fit into a uniform buffer everywhere. */
const MOST_CHANNELS = 48;

/** Workgroups to aim at, so that two threads end at about the same time. */
const GROUPS = 32;

/** Whether this form can compute a pass. */
export function isStrided(
  pass: ConvPass,
  { R, S, C, K, stride, padding }: ConvProblem,
): boolean {
  return pass === "input gradient" && R === 3 && S === 3 && stride === 2 &&
    padding === 1 && K % BLOCK === 0 && C % CHANNELS === 0 &&
    C <= MOST_CHANNELS;
}

/** Input w with channels swapped, (3, 3, K, C); output a block of it, ordered for lanes. */
export const stridedFiltersOp: Op<{ readonly block: number }> = {
  name: "strided_filters",

  infer([w]) {
    const C = w!.shape[3]!;
    return [f32([C / CHANNELS, 9, BLOCK / 2, 8, 4])];
  },

  lower({ inputs: [w], outputs: [u] }, { block }) {
    const [, , K, C] = w!.shape as [number, number, number, number];
    return [{
      label: "strided filters",
      kernel: kernel("conv2d_strided_filters"),
      reads: [w!],
      writes: [u!],
      arguments: { K, C, first: block * BLOCK },
      workgroups: linearGrid(9 * BLOCK * C, 64),
    }];
  },
};

/** An input gradient with ordered weights. */
export interface StridedParams extends Epilogue {
  readonly shape: Shape;
}

/** Inputs dy, a block of weights for 32 of its channels each, [residual], [mask]; output dx. */
export const stridedInputGradientOp: Op<StridedParams> = {
  name: "strided_input_gradient",
  infer: (_, { shape }) => [f32(shape)],

  lower(io, epilogue) {
    const { inputs: [dy, ...inputs], outputs: [dx] } = io;
    const [N, P, Q, K] = dy!.shape as [number, number, number, number];
    const [, H, W, C] = dx!.shape as [number, number, number, number];
    const blocks = K / BLOCK;
    const { reads: [, , , residual, mask], constants } = epilogueOf(
      [dy!, dy!, ...inputs.slice(blocks)],
      epilogue,
    );
    const sizes = { N, H, W, C, K, R: 3, S: 3, P, Q, stride: 2, padding: 1 };
    const rowsPerImage = Math.ceil(H / 2);
    const rows = N * rowsPerImage;
    const rowsPerGroup = Math.ceil(
      rows / Math.ceil(GROUPS * CHANNELS / C),
    );
    return inputs.slice(0, blocks).map((u, block) => {
      const last = Number(block === blocks - 1);
      return {
        label: `conv2d input gradient ${convLabel(sizes)}`,
        kernel: kernel("conv2d_strided_input_gradient", {
          constants: { CHANNELS: C },
          ...vectorAccess(io),
        }),
        reads: [dy!, u, residual, mask],
        writes: [dx!],
        arguments: {
          ...{ H, W, P, Q, K, first: block * BLOCK / 4 },
          rows_per_image: rowsPerImage,
          ...{ rows, rows_per_group: rowsPerGroup },
          has_sum: Number(block > 0),
          has_residual: last * Number(constants.RESIDUAL),
          has_mask: last * Number(constants.MASK),
        },
        workgroups: [Math.ceil(rows / rowsPerGroup), C / CHANNELS, 1],
        flops: convFlops(sizes) / blocks,
      };
    });
  },
};

/** The operations in place of an input gradient of dy, swapped w, and what follows. */
export function stridedInputGradient(
  { inputs: [dy, w, ...added], outputs: [dx], apply }: Expansion,
  epilogue: Epilogue,
): readonly Tensor[] {
  const blocks = Array.from(
    { length: w!.shape[2]! / BLOCK },
    (_, block) => apply(stridedFiltersOp, [w!], { block })[0]!,
  );
  return apply(stridedInputGradientOp, [dy!, ...blocks, ...added], {
    ...{ ...epilogue, shape: dx!.shape },
  });
}
