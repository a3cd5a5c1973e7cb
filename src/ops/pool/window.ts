// The windows of pooling: squares that move over images, as in PyTorch. Both ways to
// pool have kernels of one layout, an invocation for each number that is written.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Storage } from "../../graph/graph.ts";
import {
  formatType,
  like,
  type Shape,
  sizeOf,
  type TensorType,
} from "../../graph/tensor.ts";
import type { ShaderName } from "../../wgsl/mod.gen.ts";
import { kernel } from "../kernel.ts";

/** How windows lie on an image. */
export interface PoolWindow {
  /** Height and width of a window. */
  readonly kernelSize: number;
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Pixels that windows reach out of the image on each side. */
  readonly padding: number;
}

/** How to pool. */
export interface PoolOptions extends Pick<PoolWindow, "kernelSize"> {
  /** Pixels from one window to the next; `kernelSize` if left out. */
  readonly stride?: number;
  /** Pixels that windows reach out of the image, at most half a window; 0 if left out. */
  readonly padding?: number;
}

/** A gradient's parameters: the windows, and the shape of the images. */
export interface PoolGradientParams extends PoolWindow {
  readonly shape: Shape;
}

/** The windows of options. */
export function windowOf(
  { kernelSize, stride = kernelSize, padding = 0 }: PoolOptions,
): PoolWindow {
  return { kernelSize, stride, padding };
}

/**
 * The type of pooled images.
 *
 * @throws {TypeError} unless x is (N, H, W, C) and windows fit in.
 * @throws {RangeError} for windows that are none.
 */
export function pooledType(x: TensorType, window: PoolWindow): TensorType {
  const { kernelSize, stride, padding } = window;
  const whole = [kernelSize, stride, padding].every(Number.isInteger);
  if (
    !(whole && kernelSize > 0 && stride > 0 && padding >= 0) ||
    2 * padding > kernelSize
  ) {
    throw new RangeError(
      "Cannot pool: expected whole numbers, a padding of at most half the " +
        `window, but found windows of ${kernelSize}, stride ${stride}, ` +
        `padding ${padding}`,
    );
  }
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const [P, Q] = [H, W].map((size) =>
    Math.floor((size + 2 * padding - kernelSize) / stride) + 1
  ) as [number, number];
  if (x.dtype === "u32" || x.shape.length !== 4 || P < 1 || Q < 1) {
    throw new TypeError(
      "Cannot pool: expected f32 (N, H, W, C) with room for windows of " +
        `${kernelSize} x ${kernelSize} but found ${formatType(x)}`,
    );
  }
  return like(x, [N, P, Q, C]);
}

/** The dispatch of a pooling kernel: x is (N, H, W, C), y (N, P, Q, C). */
export function poolDispatch(
  name: ShaderName,
  { reads, writes, x, y, window }: {
    readonly reads: readonly Storage[];
    readonly writes: readonly Storage[];
    readonly x: Shape;
    readonly y: Shape;
    readonly window: PoolWindow;
  },
): Dispatch<Storage> {
  const [N, H, W, C] = x as [number, number, number, number];
  const [, P, Q] = y as [number, number, number];
  const size = sizeOf(writes[0]!.shape);
  const { kernelSize: window_size, stride, padding } = window;
  const sizes = { N, H, W, C, P, Q, window_size, stride, padding };
  return {
    label: `${name.replaceAll("_", " ")} ${H}x${W} to ${P}x${Q}`,
    kernel: kernel(name, { constants: { Stored: writes[0]!.dtype } }),
    reads,
    writes,
    arguments: sizes,
    workgroups: linearGrid(size, 64),
  };
}
