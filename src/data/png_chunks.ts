// The parts of a PNG file that pixels are made of. Every chunk's checksum is proved,
// also of those that are not used: a flipped bit that decodes to other pixels is an
// error here, as it is in Pillow and libpng.

import { joinedBytes } from "./joined_bytes.ts";
import { crc32 } from "node:zlib";
import type { Fail } from "../base/fail.ts";

/** The header of a PNG, by the names of the PNG specification. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  readonly colorType: ColorType;
  /** Whether rows are stored in the seven passes of Adam7. */
  readonly interlaced: boolean;
}

/** Grey, RGB, palette, grey with alpha, RGB with alpha. */
export type ColorType = 0 | 2 | 3 | 4 | 6;

/** The parts of a file. */
export interface PngParts {
  readonly header: PngHeader;
  /** Red, green and blue of each color; empty without a palette. */
  readonly palette: Uint8Array;
  /** The compressed samples. */
  readonly data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The bit depths that each color type may have. */
const BIT_DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** The finding for a file that was cut off, to end an error with. */
const CUT = "a PNG that breaks off";

/** Whether bytes begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.slice(0, 4).every((byte, i) => bytes[i] === byte);
}

/** The header, of which the file's first 33 bytes are enough. */
export function pngHeader(bytes: Uint8Array, fail: Fail): PngHeader {
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    fail("a damaged PNG, whose first 8 bytes are no PNG's");
  }
  const { type, body } = chunkAt(bytes, { at: 8, fail });
  if (type !== "IHDR" || body.length !== 13) {
    fail("a damaged PNG, which does not begin with a header");
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colorType, compression, filter, interlace] = body.subarray(
    8,
  ) as Iterable<number> as [number, number, number, number, number];
  if (width === 0 || height === 0) fail("a PNG without pixels");
  if (
    !BIT_DEPTHS[colorType]?.includes(bitDepth) || compression !== 0 ||
    filter !== 0 || interlace > 1
  ) {
    fail(
      `a PNG of a kind that does not exist: color type ${colorType} of ` +
        `${bitDepth} bits`,
    );
  }
  const type_ = colorType as ColorType;
  const interlaced = interlace === 1;
  return { width, height, bitDepth, colorType: type_, interlaced };
}

/** The header, the palette and the compressed samples, all checksums proved. */
export function pngParts(bytes: Uint8Array, fail: Fail): PngParts {
  const header = pngHeader(bytes, fail);
  const data: Uint8Array[] = [];
  let palette: Uint8Array = new Uint8Array();
  for (let at = 8;;) {
    const { type, body, end } = chunkAt(bytes, { at, fail });
    if (type === "IEND") break;
    if (type === "IDAT") data.push(body);
    if (type === "PLTE") palette = body;
    at = end;
  }
  if (data.length === 0) fail("a PNG without pixels");
  if (header.colorType === 3 && palette.length === 0) {
    fail("a damaged PNG, whose palette is missing");
  }
  return { header, palette, data: joinedBytes(data) };
}

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
  /** Where the next chunk begins. */
  readonly end: number;
}

function chunkAt(
  bytes: Uint8Array,
  { at, fail }: { readonly at: number; readonly fail: Fail },
): Chunk {
  if (at + 12 > bytes.length) fail(CUT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = at + 12 + view.getUint32(at);
  if (end > bytes.length) fail(CUT);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
    fail(
      `a damaged PNG: the checksum of its chunk ${
        JSON.stringify(type)
      } is wrong`,
    );
  }
  return { type, body: bytes.subarray(at + 8, end - 4), end };
}
