// Images made smaller or larger as Pillow's and torchvision's antialiased bilinear
// filter does, to the byte: results on resized images depend on the filter, and
// papers use theirs. A pixel is a mean of those below a triangle that is as wide as
// the images' ratio (never narrower than two pixels), first along rows and then
// along columns, with weights in fixed point and bytes in between.

import type { Pixels } from "./decode_image.ts";

/** Bits behind the point: what 32-bit sums of bytes leave room for. */
const PRECISION = 22;

/** The extent of an image. */
export type Extent = Pick<Pixels, "height" | "width">;

/** The image at another size. */
export function resize(image: Pixels, { height, width }: Extent): Pixels {
  const rows = alongRows(image, width);
  return transposed(alongRows(transposed(rows), height));
}

/**
 * The middle square of an image whose shorter side was brought to `size`, the way
 * ImageNet is evaluated; a square image is resized as a whole.
 */
export function resizedSquare(image: Pixels, size: number): Pixels {
  const { height, width } = image;
  if (height === size && width === size) return image;
  const shorter = Math.min(height, width);
  const scaled = (side: number): number =>
    side === shorter ? size : Math.floor(size * side / shorter);
  const extent = { height: scaled(height), width: scaled(width) };
  return centerSquare(resize(image, extent), size);
}

/** The middle square; torchvision rounds halves of the margin to even. */
function centerSquare({ height, width, data }: Pixels, size: number): Pixels {
  const top = roundHalfToEven((height - size) / 2);
  const left = roundHalfToEven((width - size) / 2);
  const out = new Uint8Array(3 * size * size);
  for (let row = 0; row < size; row++) {
    const from = 3 * ((top + row) * width + left);
    out.set(data.subarray(from, from + 3 * size), 3 * row * size);
  }
  return { height: size, width: size, data: out };
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Which input pixels an output pixel is a mean of. */
interface Window {
  readonly start: number;
  /** In units of 2^-22. */
  readonly weights: Int32Array;
}

const known = new Map<string, readonly Window[]>();

/** The windows of a line, kept since a data set asks for the same ones again. */
function windows(from: number, to: number): readonly Window[] {
  const key = `${from} ${to}`;
  const found = known.get(key) ??
    Array.from({ length: to }, (_, i) => windowAt(i, from / to, from));
  known.set(key, found);
  return found;
}

function windowAt(index: number, scale: number, length: number): Window {
  const filter = Math.max(scale, 1);
  const center = (index + 0.5) * scale;
  const start = Math.max(0, Math.trunc(center - filter + 0.5));
  const end = Math.min(length, Math.trunc(center + filter + 0.5));
  const heights = Array.from(
    { length: end - start },
    (_, i) => Math.max(0, 1 - Math.abs((start + i - center + 0.5) / filter)),
  );
  const sum = heights.reduce((a, b) => a + b, 0);
  return {
    start,
    weights: Int32Array.from(
      heights,
      (height) => Math.trunc(height / sum * 2 ** PRECISION + 0.5),
    ),
  };
}

/** The image with rows of another length. */
function alongRows({ height, width, data }: Pixels, length: number): Pixels {
  if (length === width) return { height, width, data };
  const out = new Uint8Array(3 * height * length);
  let written = 0;
  for (let row = 0; row < height; row++) {
    for (const { start, weights } of windows(width, length)) {
      const first = 3 * (row * width + start);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 1 << (PRECISION - 1);
        for (let i = 0; i < weights.length; i++) {
          sum += data[first + 3 * i + channel]! * weights[i]!;
        }
        out[written++] = Math.min(255, sum >> PRECISION);
      }
    }
  }
  return { height, width: length, data: out };
}

function transposed({ height, width, data }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  let written = 0;
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) {
      const from = 3 * (row * width + column);
      out[written++] = data[from]!;
      out[written++] = data[from + 1]!;
      out[written++] = data[from + 2]!;
    }
  }
  return { height: width, width: height, data: out };
}
