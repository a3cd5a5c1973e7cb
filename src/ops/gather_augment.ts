// Batches of a data set that is on the device as bytes: images in the epoch's order, cropped
// from a zero-padded frame, mirrored half the time, and scaled to [0, 1], as in the code of
// every method reproduced here; and, where that is asked for, with a square of zeros at a
// random place (Cutout, DeVries & Taylor, 2017).
//
// The host uploads an order per epoch and a position per step, nothing else. The
// draws of image n of a batch are the Philox block n of (seed, stream, step); words
// 0 and 1 choose the crop, the top bit of word 2 the mirroring, word 3 the row of the
// square's center and the rest of word 2 its column.

import { type Dispatch, linearGrid } from "../gpu/program.ts";
import { apply, type Op, type Operand, type Storage } from "../graph/graph.ts";
import {
  f32,
  formatType,
  sizeOf,
  type Tensor,
  type TensorType,
  type Variable,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";
import { bindablePieces, partOf } from "./pieces.ts";
import {
  addressArguments,
  addressInputs,
  addressReads,
  checkAddress,
  type RandomKey,
  type StreamParams,
} from "./random/random.ts";

/** The images of a batch, and how far and whether crops and mirroring go. */
export interface GatherParams extends StreamParams {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Whether images are kept as numbers, one to a word, instead of bytes. */
  readonly floats: boolean;
  readonly padding: number;
  readonly flip: boolean;
  /** The side of the square of zeros; 0 for none. */
  readonly cutout: number;
  /** The place of the first image in the whole batch, for its draws; 0 if left out. */
  readonly firstRow?: number;
}

/** Inputs: images, labels, order, position, [step, [substep]]. */
export const gatherAugmentOp: Op<GatherParams> = {
  name: "gather_augment",

  infer(inputs, params) {
    const { batch, height, width, channels } = params;
    checkSource(inputs, params);
    checkAddress(inputs.slice(4), params);
    return [f32([batch, height, width, channels]), {
      dtype: "u32",
      shape: [batch],
    }];
  },

  lower(io, params) {
    const [images, labels, order, position, ...address] = io.inputs;
    const { batch, height, width, channels, floats } = params;
    const { padding, flip, cutout } = params;
    const bytes = bytesOf(params);
    const pieces = bindablePieces(sizeOf(labels!.shape), { bytes });
    // Without augmentation nothing is drawn, and any scalar will do for the step.
    const drawn = addressReads(address.length ? address : [position!]);
    return pieces.map(({ first, count }): Dispatch<Storage> => ({
      label: `gather ${batch} of ${count} images`,
      kernel: kernel("gather_augment", {
        constants: { CHANNELS: channels, FLOATS: floats },
      }),
      reads: [
        pieces.length === 1 ? images! : partOf(images!, {
          first: first * bytes / 4,
          count: Math.ceil(count * bytes / 4),
        }),
        labels!,
        order!,
        position!,
        ...drawn,
      ],
      writes: io.outputs,
      arguments: {
        batch,
        height,
        width,
        padding,
        flip: flip ? 1 : 0,
        cutout,
        ...addressArguments(address, params),
        first_image: first,
        images: count,
        first_row: params.firstRow ?? 0,
      },
      workgroups: linearGrid(batch * height * width, 64),
    }));
  },
};

/** The bytes in which one image is kept. */
function bytesOf(
  { height, width, channels, floats }: GatherParams,
): number {
  return (floats ? 4 : 1) * channels * height * width;
}

function checkSource(
  [images, labels, order, position]: readonly TensorType[],
  params: GatherParams,
): void {
  const { batch, height, width, channels, padding } = params;
  const sources = [images!, labels!, order!, position!];
  const wrong = sources.find(({ dtype }) => dtype !== "u32");
  const count = sizeOf(labels!.shape);
  const words = Math.ceil(count * bytesOf(params) / 4);
  if (wrong || sizeOf(images!.shape) !== words) {
    throw new TypeError(
      `Cannot gather: expected ${words} u32 words for ${count} images of ${channels} x ${height} x ${width} but found ${
        formatType(wrong ?? images!)
      }`,
    );
  }
  if (batch > sizeOf(order!.shape) || !(padding >= 0)) {
    throw new RangeError(
      `Cannot gather: expected a batch of at most ${
        sizeOf(order!.shape)
      } images and a padding of at least 0 but found ${batch} and ${padding}`,
    );
  }
}

/** A split that lives on the device, and the part of it that a batch takes. */
export interface GatherSource {
  /**
   * Bytes (count, C, H, W), four to a u32, the first in the lowest bits; or numbers, the
   * bits of each in a u32.
   */
  readonly images: Variable;
  /** Whether images are kept as numbers; not if left out. */
  readonly floats?: boolean;
  /** u32 (count). */
  readonly labels: Variable;
  /** u32: the images in the order in which the epoch visits them. */
  readonly order: Variable;
  /** u32 scalar: the batch's offset in the order. */
  readonly position: Tensor;
}

/** The size of a batch, and its augmentation if there is one. */
export interface GatherOptions {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** 3 if left out. */
  readonly channels?: number;
  readonly augmentation?: {
    /** Pixels of zeros around the image that a crop may reach. */
    readonly padding: number;
    /** Whether to mirror half of the images. */
    readonly flip: boolean;
    /** The side of a square of zeros at a random place; none if left out or 0. */
    readonly cutout?: number;
    readonly key: RandomKey;
  };
}

/**
 * A batch: x (N, H, W, C), each byte / 255 correctly rounded, and labels (N). Where
 * position + N exceeds the order's length, its last image is repeated.
 *
 * @throws {TypeError} if the images are not as many words as the labels imply.
 * @throws {RangeError} if the batch is larger than the order.
 */
export function gatherAugment(
  { images, labels, order, position, floats = false }: GatherSource,
  { batch, height, width, channels = 3, augmentation }: GatherOptions,
): { readonly x: Tensor; readonly labels: Tensor } {
  const { padding = 0, flip = false, cutout = 0, key } = augmentation ?? {};
  const { seed = 0, stream = "", firstRow = 0 } = key ?? {};
  const source = [images, labels, order, position];
  const address: readonly Operand[] = key ? addressInputs(key) : [];
  const extent = { batch, height, width, channels, floats };
  const changes = { padding, flip, cutout, seed, stream };
  const place = firstRow > 0 ? { firstRow } : {};
  const params = { ...extent, ...changes, ...place };
  const [x, y] = apply(gatherAugmentOp, [...source, ...address], params);
  return { x: x!, labels: y! };
}
