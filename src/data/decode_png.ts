// PNG files as pixels, as Pillow's `convert("RGB")` gives them: grey becomes three
// equal channels, transparency is dropped, and of 16 bits the upper 8 are kept.
//
// Pillow keeps the upper bits of 16-bit colors too, but of 16-bit grey alone it cuts
// off whatever is above 255, which leaves most such images white. Here grey is
// treated like colors.

import { inflateRawSync, inflateSync } from "node:zlib";
import type { Fail } from "../base/fail.ts";
import type { Pixels } from "./pixels.ts";
import { type ColorType, type PngHeader, pngParts } from "./png_chunks.ts";

/** Samples of a pixel. */
const SAMPLES: Readonly<Record<ColorType, number>> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
};

/** Where the pixels of a pass are in the image. */
interface Pass {
  readonly left: number;
  readonly top: number;
  /** Columns from a pixel of the pass to the next one. */
  readonly across: number;
  /** Rows from a pixel of the pass to the next one. */
  readonly down: number;
}

const WHOLE: readonly Pass[] = [{ left: 0, top: 0, across: 1, down: 1 }];

const ADAM7: readonly Pass[] = [
  { left: 0, top: 0, across: 8, down: 8 },
  { left: 4, top: 0, across: 8, down: 8 },
  { left: 0, top: 4, across: 4, down: 8 },
  { left: 2, top: 0, across: 4, down: 4 },
  { left: 0, top: 2, across: 2, down: 4 },
  { left: 1, top: 0, across: 2, down: 2 },
  { left: 0, top: 1, across: 1, down: 2 },
];

/** A pass that has pixels, and the bytes of its rows. */
interface SizedPass extends Pass {
  readonly columns: number;
  readonly rows: number;
  /** Bytes of a row without its filter. */
  readonly rowBytes: number;
}

/** The pixels of a PNG file. */
export function decodePng(bytes: Uint8Array, fail: Fail): Pixels {
  const { header, palette, data } = pngParts(bytes, fail);
  const passes = passesOf(header);
  const size = passes.reduce(
    (sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1),
    0,
  );
  const samples = inflated(data, { size, fail });
  const step = Math.max(1, SAMPLES[header.colorType] * header.bitDepth >> 3);
  const { width, height } = header;
  const out = new Uint8Array(3 * width * height);
  const colors = colorsOf(header, palette);
  let at = 0;
  for (const pass of passes) {
    const length = pass.rows * (pass.rowBytes + 1);
    const lines = samples.subarray(at, at + length);
    at += length;
    unfilter(lines, { rowBytes: pass.rowBytes, step, fail });
    for (let row = 0; row < pass.rows; row++) {
      const start = row * (pass.rowBytes + 1) + 1;
      const line = lines.subarray(start, start + pass.rowBytes);
      const first = (pass.top + row * pass.down) * width + pass.left;
      writeRow(line, { out, first, pass, header, colors });
    }
  }
  return { height, width, data: out };
}

function passesOf(
  { width, height, bitDepth, colorType, interlaced }: PngHeader,
): readonly SizedPass[] {
  const bits = SAMPLES[colorType] * bitDepth;
  return (interlaced ? ADAM7 : WHOLE).map((pass) => {
    const columns = Math.ceil((width - pass.left) / pass.across);
    const rows = Math.ceil((height - pass.top) / pass.down);
    return { ...pass, columns, rows, rowBytes: Math.ceil(columns * bits / 8) };
  }).filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** The decompressed samples, their checksum proved. */
function inflated(
  data: Uint8Array,
  { size, fail }: { readonly size: number; readonly fail: Fail },
): Uint8Array {
  // A little more than is needed: some programs write a few bytes too many.
  const maxOutputLength = size + 4096;
  let samples: Uint8Array | undefined;
  try {
    samples = inflateSync(data, { maxOutputLength });
  } catch (error) {
    const damage = damageOf(data, {
      error: error as ZlibError,
      maxOutputLength,
    });
    return fail(`a damaged PNG: ${damage}`);
  }
  return samples.length >= size ? samples : fail(
    `a PNG that breaks off: ${samples.length} of ${size} bytes of pixels`,
  );
}

/** What zlib throws. */
interface ZlibError extends Error {
  readonly code?: string;
}

/** The finding for samples that do not decompress. */
function damageOf(
  data: Uint8Array,
  { error, maxOutputLength }: {
    readonly error: ZlibError;
    readonly maxOutputLength: number;
  },
): string {
  if (error.code === "ERR_BUFFER_TOO_LARGE") {
    return "it has more pixels than it says";
  }
  // Only zlib's message says whether the samples or their checksum are wrong.
  if (error.code !== "Z_DATA_ERROR") return `"${error.message}"`;
  try {
    // Without zlib's header of 2 bytes, no checksum is expected.
    inflateRawSync(data.subarray(2), { maxOutputLength });
  } catch {
    return `"${error.message}"`;
  }
  return "the checksum of its pixels is wrong";
}

/** Undoes the filters of rows, in place: each byte was stored as a difference. */
function unfilter(
  lines: Uint8Array,
  { rowBytes, step, fail }: {
    readonly rowBytes: number;
    /** Bytes from a pixel to the next, at least 1. */
    readonly step: number;
    readonly fail: Fail;
  },
): void {
  const pitch = rowBytes + 1;
  for (let start = 0; start < lines.length; start += pitch) {
    const predict = FILTERS[lines[start]!] ??
      fail(`a damaged PNG: filter ${lines[start]} does not exist`);
    if (predict === NONE) continue;
    for (let i = 1; i <= rowBytes; i++) {
      const at = start + i;
      const hasLeft = i > step;
      const hasUp = start > 0;
      const left = hasLeft ? lines[at - step]! : 0;
      const up = hasUp ? lines[at - pitch]! : 0;
      const corner = hasLeft && hasUp ? lines[at - pitch - step]! : 0;
      lines[at] = lines[at]! + predict(left, up, corner);
    }
  }
}

/** The prediction of a byte from those to its left, above, and above left. */
type Predictor = (left: number, up: number, corner: number) => number;

const NONE: Predictor = () => 0;

const FILTERS: readonly Predictor[] = [
  NONE,
  (left) => left,
  (_, up) => up,
  (left, up) => left + up >> 1,
  (left, up, corner) => {
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    if (toLeft <= toUp && toLeft <= toCorner) return left;
    return toUp <= toCorner ? up : corner;
  },
];

/** Red, green and blue of each palette index or grey level; null for colors. */
function colorsOf(
  { colorType, bitDepth }: PngHeader,
  palette: Uint8Array,
): Uint8Array | null {
  if (colorType === 3) {
    // Indices behind the palette's end are black, as in Pillow.
    const colors = new Uint8Array(3 * 256);
    colors.set(palette.subarray(0, colors.length));
    return colors;
  }
  if (colorType !== 0 && colorType !== 4) return null;
  const most = bitDepth >= 8 ? 255 : 2 ** bitDepth - 1;
  return Uint8Array.from(
    { length: 3 * (most + 1) },
    (_, i) => Math.floor(i / 3) * 255 / most,
  );
}

/** Writes the pixels of one row of a pass. */
function writeRow(
  line: Uint8Array,
  { out, first, pass, header: { colorType, bitDepth }, colors }: {
    readonly out: Uint8Array;
    /** The index of the row's first pixel in the image. */
    readonly first: number;
    readonly pass: SizedPass;
    readonly header: PngHeader;
    readonly colors: Uint8Array | null;
  },
): void {
  // Of 16 bits, the first byte is the upper one.
  const bytes = Math.max(1, bitDepth >> 3);
  const step = SAMPLES[colorType] * bytes;
  const mask = 2 ** bitDepth - 1;
  for (let column = 0; column < pass.columns; column++) {
    const to = 3 * (first + column * pass.across);
    const at = column * step;
    if (colors === null) {
      out[to] = line[at]!;
      out[to + 1] = line[at + bytes]!;
      out[to + 2] = line[at + 2 * bytes]!;
      continue;
    }
    const bit = column * bitDepth;
    const index = bitDepth >= 8
      ? line[at]!
      : line[bit >> 3]! >> 8 - bitDepth - (bit & 7) & mask;
    out[to] = colors[3 * index]!;
    out[to + 1] = colors[3 * index + 1]!;
    out[to + 2] = colors[3 * index + 2]!;
  }
}
