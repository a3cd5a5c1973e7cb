// Proposals of the Square attack (Andriushchenko et al., 2020): its start in the Euclidean
// norm, and the next image to try in either norm. Random numbers are drawn here, most of
// them once for all images of a batch, as in the authors' code. No gradient flows through.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  applyOne,
  type Lowering,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  f32,
  formatType,
  sameShape,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import {
  addressArguments,
  addressInputs,
  checkAddress,
  type RandomKey,
  type StreamParams,
} from "../random/random.ts";
import { lanesOf } from "./lanes.ts";
import { roundedDown } from "./project.ts";
import { windowSideWgsl, windowStages } from "./square_windows.ts";

/** The radius of the ball, and the stream of the draws. */
export interface ProposalParams extends StreamParams {
  readonly epsilon: number;
}

/** Inputs: best, clean, step, query. */
export const squareLinfOp: Op<ProposalParams> = {
  name: "square_linf",
  infer: inferProposal,
  lower: (io, params) => {
    const [, height, width, channels] = sizesOf(io.outputs[0]!);
    const size = sizeOf(io.outputs[0]!.shape);
    const shared = proposal(io, params);
    return [{
      ...shared,
      arguments: { ...shared.arguments, size },
      label: `square linf (${io.outputs[0]!.shape.join(", ")})`,
      kernel: kernel("square_linf", {
        constants: { CHANNELS: channels },
        declarations: windowSideWgsl({ norm: "linf", height, width }),
      }),
      workgroups: linearGrid(size / channels, 64),
    }];
  },
};

/** Inputs: best, clean, step, query. */
export const squareL2Op: Op<ProposalParams> = {
  name: "square_l2",
  infer: inferProposal,
  lower(io, params) {
    const [count, height, width, channels] = sizesOf(io.outputs[0]!);
    const options = { norm: "l2", height, width } as const;
    const sides = windowStages(options).map(({ side }) => side);
    const declarations = [
      lanesOf(1).declarations,
      windowSideWgsl(options),
      scalesWgsl(sides),
    ].join("\n");
    const epsilon = roundedDown(params.epsilon);
    return [{
      ...proposal(io, { ...params, epsilon }),
      label: `square l2 (${io.outputs[0]!.shape.join(", ")})`,
      kernel: kernel("square_l2", {
        constants: { Element: "f32", ...pixelOf(channels) },
        declarations,
      }),
      workgroups: [count, 1, 1],
    }];
  },
};

/** The images that the start is for. */
export interface StartParams extends StreamParams {
  readonly shape: Shape;
}

/** Inputs: step. */
export const squareL2StartOp: Op<StartParams> = {
  name: "square_l2_start",

  infer(address, params) {
    checkAddress(address, params);
    checkImages({ dtype: "f32", shape: params.shape });
    return [f32(params.shape)];
  },

  lower({ inputs: [step], outputs: [y] }, params) {
    const [, height, width, channels] = sizesOf(params);
    const side = Math.max(1, Math.floor(height / 5));
    const { seed, stream } = addressArguments([step!], params);
    const size = sizeOf(params.shape);
    return [{
      label: `square l2 start (${params.shape.join(", ")})`,
      kernel: kernel("square_l2_start", {
        constants: pixelOf(channels),
        declarations: scalesWgsl([side]),
      }),
      reads: [step!],
      writes: [y!],
      arguments: { size, height, width, side, seed, stream },
      workgroups: linearGrid(size / channels, 64),
    }];
  },
};

function inferProposal(
  [best, clean, ...address]: readonly TensorType[],
  params: ProposalParams,
): readonly TensorType[] {
  checkAddress(address, params);
  checkImages(best!);
  checkImages(clean!);
  if (!sameShape(best!.shape, clean!.shape)) {
    throw new TypeError(
      `Cannot propose: expected images of one shape but found ${
        formatType(best!)
      } and ${formatType(clean!)}`,
    );
  }
  return [clean!];
}

/** N, H, W and C. */
function sizesOf(
  { shape }: Pick<TensorType, "shape">,
): readonly [number, number, number, number] {
  return shape as readonly number[] as [number, number, number, number];
}

/** Most channels that a kernel has room for. */
const MOST_CHANNELS = 4;

/** How kernels keep the channels of a pixel. */
function pixelOf(
  channels: number,
): { readonly CHANNELS: number; readonly Pixel: string } {
  return { CHANNELS: channels, Pixel: channels > 3 ? "vec4f" : "vec3f" };
}

/** @throws {TypeError} unless the images have pixels of 1 to 4 channels. */
function checkImages(images: TensorType): void {
  const { dtype, shape: [, height = 0, width = 0, channels, ...rest] } = images;
  const right = dtype === "f32" && channels !== undefined &&
    channels <= MOST_CHANNELS && rest.length === 0 &&
    Math.min(height, width) >= 1;
  if (right) return;
  throw new TypeError(
    `Cannot propose: expected f32 (N, H, W, C) of 1 to ${MOST_CHANNELS} channels but found ${
      formatType(images)
    }`,
  );
}

/** The parts that the dispatches of both norms share. */
function proposal(
  { inputs: [best, clean, step, query], outputs: [y] }: Lowering,
  { epsilon, ...params }: ProposalParams,
): Pick<Dispatch<Storage>, "reads" | "writes" | "arguments"> {
  const [, height, width] = sizesOf(y!);
  const { seed, stream } = addressArguments([step!], params);
  return {
    reads: [best!, clean!, query!, step!],
    writes: [y!],
    arguments: { height, width, epsilon, seed, stream },
  };
}

/** WGSL of the scales of the two rectangles of windows of some sides. */
function scalesWgsl(sides: readonly number[]): string {
  const distinct = [...new Set(sides)];
  return [
    "fn pattern_scales(side: u32) -> vec2f {",
    ...distinct.map((side) =>
      `  if (side == ${side}u) { return vec2f(${
        patternScales(side).map((scale) => scale.toPrecision(12)).join(", ")
      }); }`
    ),
    "  return vec2f(0);",
    "}",
  ].join("\n");
}

/** One over the norm of each rectangle, so that the window has norm 1. */
function patternScales(side: number): [upper: number, lower: number] {
  const upper = Math.floor(side / 2);
  const parts = upper > 0 ? 2 : 1;
  const scale = (height: number): number =>
    height > 0 ? 1 / (rectangleNorm(height, side) * Math.sqrt(parts)) : 0;
  return [scale(upper), scale(side - upper)];
}

/** The norm of a rectangle as `square_pattern.wgsl` has it before scaling. */
function rectangleNorm(height: number, width: number): number {
  const reach = Math.floor(Math.max(height, width) / 2) + 1;
  let squares = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const far = Math.max(
        Math.abs(row - Math.floor(height / 2)),
        Math.abs(column - Math.floor(width / 2)),
      );
      let value = 0;
      for (let k = far + 1; k <= reach; k++) value += 1 / k ** 2;
      squares += value ** 2;
    }
  }
  return Math.sqrt(squares);
}

/** The inputs of a proposal. */
export interface Proposal {
  /** The images around which the ball is. */
  readonly clean: Operand;
  readonly epsilon: number;
  /** Its substep is the query, counted from 0. */
  readonly key: RandomKey & Required<Pick<RandomKey, "substep">>;
}

/** The next images to try in the ball of the maximum norm, from the best so far. */
export function squareLinf(best: Operand, proposal: Proposal): Tensor {
  return propose(squareLinfOp, best, proposal);
}

/** The next images to try in the Euclidean ball, from the best so far. */
export function squareL2(best: Operand, proposal: Proposal): Tensor {
  return propose(squareL2Op, best, proposal);
}

function propose(
  op: Op<ProposalParams>,
  best: Operand,
  { clean, epsilon, key }: Proposal,
): Tensor {
  const { seed, stream } = key;
  const inputs = [best, clean, ...addressInputs(key)];
  return applyOne(op, inputs, { epsilon, seed, stream });
}

/** The direction in which the Euclidean attack starts, (N, H, W, C); of any length. */
export function squareL2Start(
  { seed, stream, step }: RandomKey,
  shape: Shape,
): Tensor {
  return applyOne(squareL2StartOp, [step], { seed, stream, shape });
}
