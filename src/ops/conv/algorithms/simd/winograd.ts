// Winograd's method for software adapters whose subgroups are SIMD registers of eight
// lanes, all in one kernel: strips of tiles of 2x2 outputs, over 16 channels. It needs
// few channels, so that the transformed filters fit beside a lane's registers.

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
import { winogradFiltersOp } from "../winograd.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";

/** Channels that are summed, and filters of a workgroup. */
const CHANNELS = 16;
const FILTERS = 16;

/** Most filters: those whose transforms fit into a uniform buffer on every device. */
const MOST_FILTERS = 64;

/** Workgroups to aim at, so that two threads end at about the same time. */
const GROUPS = 32;

/** Whether strips can compute a pass. */
export function isStrips(
  pass: ConvPass,
  { R, S, C, K, stride, padding }: ConvProblem,
): boolean {
  if (R !== 3 || S !== 3 || stride !== 1 || padding !== 1) return false;
  const [channels, filters] = pass === "forward" ? [C, K] : [K, C];
  return pass !== "weight gradient" && channels === CHANNELS &&
    filters % FILTERS === 0 && filters <= MOST_FILTERS;
}

/** A convolution with transformed filters. */
export interface StripsParams extends Epilogue {
  readonly shape: Shape;
  /** Whether it is an input gradient: how it is called in a profile. */
  readonly transposed: boolean;
}

/** Inputs x, transformed filters, and what the epilogue adds; output y of the given shape. */
export const stripsConv2dOp: Op<StripsParams> = {
  name: "strips_conv2d",
  infer: (_, { shape }) => [f32(shape)],

  lower(io, { transposed, ...epilogue }) {
    const { inputs, outputs: [y] } = io;
    const [N, H, W, C] = inputs[0]!.shape as [number, number, number, number];
    const [, P, Q, K] = y!.shape as [number, number, number, number];
    const sizes = transposed
      ? { H: P, W: Q, C: K, K: C, P: H, Q: W }
      : { H, W, C, K, P, Q };
    const whole = { N, R: 3, S: 3, stride: 1, padding: 1, ...sizes };
    const stripsPerImage = Math.ceil(P / 2);
    const strips = N * stripsPerImage;
    const pairs = Math.ceil(strips / 2 / Math.ceil(GROUPS * FILTERS / K));
    const { reads, constants } = epilogueOf(inputs, epilogue);
    return [{
      label: `conv2d ${transposed ? "input gradient " : ""}${
        convLabel(whole)
      } strips`,
      kernel: kernel("conv2d_strips", {
        constants: { FILTERS: K },
        ...vectorAccess(io),
      }),
      reads,
      writes: [y!],
      arguments: {
        ...{ H, W, P, Q, strips_per_image: stripsPerImage, strips, pairs },
        has_shift: Number(constants.SHIFT),
        has_residual: Number(constants.RESIDUAL),
        has_mask: Number(constants.MASK),
        has_relu: Number(constants.RELU),
      },
      workgroups: [Math.ceil(strips / 2 / pairs), K / FILTERS, 1],
      flops: convFlops(whole),
    }];
  },
};

/** The operations in place of a forward pass of x, w and what its epilogue adds. */
export function stripsForward(
  { inputs: [x, w, ...added], outputs: [y], apply }: Expansion,
  epilogue: Epilogue,
): readonly Tensor[] {
  const [u] = apply(winogradFiltersOp, [w!], { tile: 2, rotated: false });
  return apply(stripsConv2dOp, [x!, u!, ...added], {
    ...{ ...epilogue, shape: y!.shape, transposed: false },
  });
}

/** The operations in place of an input gradient of dy and w with channels swapped. */
export function stripsInputGradient(
  { inputs: [dy, w, ...added], outputs: [dx], apply }: Expansion,
  epilogue: Epilogue,
): readonly Tensor[] {
  const [u] = apply(winogradFiltersOp, [w!], { tile: 2, rotated: true });
  return apply(stripsConv2dOp, [dy!, u!, ...added], {
    ...{ ...epilogue, shape: dx!.shape, transposed: true },
  });
}
