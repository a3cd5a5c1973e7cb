// The first convolution of a network on software adapters whose subgroups are SIMD
// registers of eight lanes: images of three channels, too few to fill lanes with.

import type { Dispatch } from "../../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../../graph/graph.ts";
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

/** Filters of a workgroup, and all that an input gradient takes. */
const FILTERS = 16;

/** Most filters, so that the weights fit into a uniform buffer on every device. */
const MOST_FILTERS = 128;

/** Workgroups to aim at, so that two threads end at about the same time. */
const GROUPS = 32;

/** Rows of an input gradient's strip. */
const ROWS = 4;

/** Whether this form can compute a pass. */
export function isImages(
  pass: ConvPass,
  { W, C, K, R, S, stride, padding }: ConvProblem,
): boolean {
  const fits = R === 3 && S === 3 && stride === 1 && padding === 1 && C === 3;
  if (pass === "forward") {
    return fits && W % 4 === 0 && K % FILTERS === 0 && K <= MOST_FILTERS;
  }
  return fits && pass === "input gradient" && K === FILTERS;
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function imagesForward(
  io: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, K, P, Q } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const rows = N * P;
  const rowsPerGroup = Math.ceil(rows / Math.ceil(GROUPS * FILTERS / K));
  return [{
    label: `conv2d ${convLabel(sizes)}`,
    kernel: kernel("conv2d_images", {
      constants: { FILTERS: K },
      ...vectorAccess(io),
    }),
    reads: reads.slice(0, 4),
    writes: io.outputs,
    arguments: {
      ...{ H, W, P, Q, rows, rows_per_group: rowsPerGroup },
      has_shift: Number(constants.SHIFT),
      has_residual: Number(constants.RESIDUAL),
      has_relu: Number(constants.RELU),
    },
    workgroups: [Math.ceil(rows / rowsPerGroup), K / FILTERS, 1],
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
export function imagesInputGradient(
  io: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, P, Q } = sizes;
  const { reads: [dy, w, , residual, mask], constants } = epilogueOf(
    io.inputs,
    epilogue,
  );
  const stripsPerImage = Math.ceil(H / ROWS);
  const strips = N * stripsPerImage;
  const pairs = Math.ceil(strips / 2 / GROUPS);
  return [{
    label: `conv2d input gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_images_input_gradient", vectorAccess(io)),
    reads: [dy, w, residual, mask],
    writes: io.outputs,
    arguments: {
      ...{ H, W, P, Q, strips_per_image: stripsPerImage, strips, pairs },
      has_residual: Number(constants.RESIDUAL),
      has_mask: Number(constants.MASK),
    },
    workgroups: [Math.ceil(strips / 2 / pairs), 1, 1],
    flops: convFlops(sizes),
  }];
}
