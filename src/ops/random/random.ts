// Random tensors. A value is a pure function of its address (seed, stream, step,
// substep), so it is an ordinary node: equal addresses are computed once, and one
// that does not depend on an attack's iteration leaves the loop.
//
// The step and substep are inputs, because they change between runs and iterations;
// seed and stream are fixed when the graph is traced. The same numbers come from
// src/base/random_sequence.ts on the host: uniform ones to the bit, normal ones within
// what WGSL promises of logarithm, sine and cosine.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  applyOne,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  f32,
  formatType,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../graph/tensor.ts";
import { streamKey } from "../../base/philox.ts";
import { slice } from "../concat.ts";
import { kernel } from "../kernel.ts";
import { reshape } from "../reshape.ts";

/** The address of a sequence of random numbers: equal address, equal numbers. */
export interface RandomKey {
  /** The run's one integer, 0 to 4,294,967,295. */
  readonly seed: number;
  /** The purpose of the numbers, such as "attack". */
  readonly stream: string;
  /** The training step or the batch: a u32 scalar. */
  readonly step: Tensor;
  /** A place inside the step, such as an attack's iteration: a u32 scalar; 0 if absent. */
  readonly substep?: Operand;
  /**
   * The place of the first row in the whole batch, where the rows are a part of one: they
   * get the numbers that they have there. 0 if left out.
   */
  readonly firstRow?: number;
}

/** The part of an address that is known when a graph is traced. */
export interface StreamParams {
  readonly seed: number;
  readonly stream: string;
}

/** Numbers of a shape. */
export interface DrawParams extends StreamParams {
  readonly shape: Shape;
  /** The Philox block of the first four; 0 if left out. */
  readonly firstBlock?: number;
}

/** Uniform numbers from `low` to `high`. */
export interface UniformParams extends DrawParams {
  readonly low: number;
  readonly high: number;
}

/** Normal numbers of mean 0 and standard deviation `scale`. */
export interface NormalParams extends DrawParams {
  readonly scale: number;
}

/** y = low + (high - low) u. Inputs: step, [substep]. */
export const uniformOp: Op<UniformParams> = {
  name: "uniform",

  infer(address, params) {
    checkAddress(address, params);
    return [f32(params.shape)];
  },

  lower: ({ inputs, outputs: [y] }, { low, high, ...params }) => [{
    ...randomDispatch(inputs, params),
    label: `uniform (${params.shape.join(", ")})`,
    kernel: kernel("random_uniform"),
    writes: [y!],
    arguments: { ...sizeAndKey(inputs, params), low, range: high - low },
  }],
};

/** y = scale z. Inputs: step, [substep]. */
export const normalOp: Op<NormalParams> = {
  name: "normal",

  infer(address, params) {
    checkAddress(address, params);
    return [f32(params.shape)];
  },

  lower: ({ inputs, outputs: [y] }, { scale, ...params }) => [{
    ...randomDispatch(inputs, params),
    label: `normal (${params.shape.join(", ")})`,
    kernel: kernel("random_normal"),
    writes: [y!],
    arguments: { ...sizeAndKey(inputs, params), scale },
  }],
};

/** The parts that both distributions share: four elements per invocation. */
function randomDispatch(
  inputs: readonly Tensor[],
  { shape }: { readonly shape: Shape },
): Pick<Dispatch<Storage>, "reads" | "workgroups"> {
  return {
    reads: addressReads(inputs),
    workgroups: linearGrid(Math.ceil(sizeOf(shape) / 4), 64),
  };
}

function sizeAndKey(
  inputs: readonly Tensor[],
  params: DrawParams,
): Readonly<Record<string, number>> {
  return {
    size: sizeOf(params.shape),
    ...addressArguments(inputs, params),
    first_block: params.firstBlock ?? 0,
  };
}

/**
 * Checks the inputs step and, if there, substep, and the seed.
 *
 * @throws {TypeError} unless they are u32 scalars.
 * @throws {RangeError} unless the seed is a 32-bit unsigned integer.
 */
export function checkAddress(
  address: readonly TensorType[],
  { seed, stream }: StreamParams,
): void {
  streamKey(seed, stream);
  for (const [i, type] of address.entries()) {
    if (type.dtype !== "u32" || type.shape.length !== 0) {
      throw new TypeError(
        `Cannot draw random numbers: expected the ${
          i === 0 ? "step" : "substep"
        } to be u32 () but found ${formatType(type)}`,
      );
    }
  }
}

/** The step and the substep as a kernel binds them; the step twice if alone. */
export function addressReads(address: readonly Tensor[]): readonly Tensor[] {
  const [step, substep = step] = address;
  return [step!, substep!];
}

/** The fields of a kernel's arguments that hold the key. */
export function addressArguments(
  address: readonly Tensor[],
  { seed, stream }: StreamParams,
): Readonly<Record<"seed" | "stream" | "has_substep", number>> {
  const [, streamHash] = streamKey(seed, stream);
  return { seed, stream: streamHash, has_substep: address.length > 1 ? 1 : 0 };
}

/** The inputs of an operation that draws: step, [substep]. */
export function addressInputs({ step, substep }: RandomKey): Operand[] {
  return substep ? [step, substep] : [step];
}

/**
 * Uniform numbers: multiples of 2^-24 in [0, 1), taken linearly to [low, high),
 * where rounding can reach `high`.
 */
export function uniform(
  key: RandomKey,
  shape: Shape,
  { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
): Tensor {
  return drawn(
    key,
    shape,
    (part) => applyOne(uniformOp, addressInputs(key), { ...part, low, high }),
  );
}

/** Normal numbers of mean 0 and standard deviation `scale`. */
export function normal(
  key: RandomKey,
  shape: Shape,
  { scale = 1 }: { readonly scale?: number } = {},
): Tensor {
  return drawn(
    key,
    shape,
    (part) => applyOne(normalOp, addressInputs(key), { ...part, scale }),
  );
}

/** Draws by whole blocks, and cuts off what comes before the first row. */
function drawn(
  { seed, stream, firstRow = 0 }: RandomKey,
  shape: Shape,
  draw: (params: DrawParams) => Tensor,
): Tensor {
  if (firstRow === 0) return draw({ seed, stream, shape });
  const before = firstRow * sizeOf(shape.slice(1));
  const firstBlock = Math.floor(before / 4);
  const start = before % 4;
  if (start === 0) return draw({ seed, stream, shape, firstBlock });
  const length = start + sizeOf(shape);
  const flat = draw({ seed, stream, shape: [length], firstBlock });
  return reshape(slice(flat, { axis: 0, start }), shape);
}
