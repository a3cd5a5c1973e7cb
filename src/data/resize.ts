// Images made smaller or larger as Pillow's and torchvision's antialiased bilinear
// filter does, to the byte: results on resized images depend on the filter, and
// papers use theirs. A pixel is a mean of those below a triangle that is as wide as
// the images' ratio (never narrower than two pixels), first along rows and then
// along columns, with weights in fixed point and bytes in between.

import type { Extent, Pixels } from "./pixels.ts";

/** Bits behind the point: what 32-bit sums of bytes leave room for. */
const PRECISION = 22;

/** The image at another size. */
export function resize(image: Pixels, { height, width }: Extent): Pixels {
  return resizePart(image, {
    across: { length: width, start: 0, count: width },
    down: { length: height, start: 0, count: height },
  });
}

/**
 * The middle square of an image whose shorter side was brought to `size`, the way
 * ImageNet is evaluated; a square image is resized as a whole. Only the pixels of
 * the square are made: the longer side of a thin image may be any number of times
 * the shorter one.
 */
export function resizedSquare(image: Pixels, size: number): Pixels {
  const { height, width } = image;
  if (height === size && width === size) return image;
  const shorter = Math.min(height, width);
  const middle = (side: number): Part => {
    const length = side === shorter ? size : Math.floor(size * side / shorter);
    // torchvision rounds halves of the margin to even.
    const start = roundHalfToEven((length - size) / 2);
    return { length, start, count: size };
  };
  return resizePart(image, { across: middle(width), down: middle(height) });
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

/** A part of a line that is resized. */
interface Part {
  /** Pixels of the whole line at its new size. */
  readonly length: number;
  /** Its pixels that are wanted: the first one, and how many. */
  readonly start: number;
  readonly count: number;
}

/** Windows are kept since a data set asks for the same ones again, but not too many. */
const MOST_KNOWN = 256;
const known = new Map<string, readonly Window[]>();

/** The windows of a part of a line of `from` pixels. */
function windows(
  from: number,
  { length, start, count }: Part,
): readonly Window[] {
  const key = `${from} ${length} ${start} ${count}`;
  const found = known.get(key) ??
    Array.from(
      { length: count },
      (_, i) => windowAt(start + i, from / length, from),
    );
  if (known.size >= MOST_KNOWN) known.clear();
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

/** A part of the image at another size: along rows first, of those that are needed. */
function resizePart(
  { height, width, data }: Pixels,
  { across, down }: { readonly across: Part; readonly down: Part },
): Pixels {
  const needed = windows(height, down);
  const first = needed[0]!.start;
  const { start, weights } = needed.at(-1)!;
  const rows = alongRows({
    height: start + weights.length - first,
    width,
    data: data.subarray(3 * width * first),
  }, across);
  const moved = needed.map(({ start, weights }) => ({
    start: start - first,
    weights,
  }));
  return transposed(weighted(transposed(rows), moved));
}

/** The image with rows that are a part of their new length. */
function alongRows(image: Pixels, across: Part): Pixels {
  const { height, width, data } = image;
  const { length, start, count } = across;
  if (length !== width) return weighted(image, windows(width, across));
  if (count === width) return image;
  const out = new Uint8Array(3 * height * count);
  for (let row = 0; row < height; row++) {
    const from = 3 * (row * width + start);
    out.set(data.subarray(from, from + 3 * count), 3 * row * count);
  }
  return { height, width: count, data: out };
}

/** The image with each row made of weighted means of its pixels. */
function weighted(
  { height, width, data }: Pixels,
  windows: readonly Window[],
): Pixels {
  const out = new Uint8Array(3 * height * windows.length);
  let written = 0;
  for (let row = 0; row < height; row++) {
    for (const { start, weights } of windows) {
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
  return { height, width: windows.length, data: out };
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
