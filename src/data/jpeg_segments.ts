// The segments of a JPEG file (ITU-T T.81, annex B): what it says of itself between
// its compressed data. Decoding is MozJPEG's; this is for what must be known before.

import type { Fail } from "../base/fail.ts";

/** A marker with what belongs to it. */
export interface Segment {
  /** The second byte of the marker. */
  readonly marker: number;
  /** The contents behind the marker and its length. */
  readonly body: Uint8Array;
  /** The compressed data behind a start of scan; else empty. */
  readonly scan: Uint8Array;
}

/** A component of a frame. */
export interface FrameComponent {
  readonly id: number;
  /** Samples across and down in each unit of the image. */
  readonly across: number;
  readonly down: number;
  /** The three bytes that describe it. */
  readonly bytes: Uint8Array;
}

/** The contents of a start of frame. */
export interface Frame {
  readonly marker: number;
  readonly height: number;
  readonly width: number;
  /** Bits of a sample. */
  readonly precision: number;
  readonly components: readonly FrameComponent[];
}

/** Second bytes of markers. */
export const MARKERS = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantization: 0xdb,
  huffman: 0xc4,
  restartInterval: 0xdd,
  adobe: 0xee,
} as const;

/** Whether bytes begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** The segments up to the end of the image, or of the bytes. */
export function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  const none = new Uint8Array();
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff || isFill(bytes[at + 1]!)) {
      at++; // Odd bytes between segments are passed over, as by libjpeg.
      continue;
    }
    const marker = bytes[at + 1]!;
    if (marker === MARKERS.endOfImage) return;
    if (isAlone(marker)) {
      at += 2;
      continue;
    }
    const length = Math.max(2, bytes[at + 2]! << 8 | bytes[at + 3]!);
    const body = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    const end = marker === MARKERS.startOfScan ? scanEnd(bytes, at) : at;
    const scan = end > at ? bytes.subarray(at, end) : none;
    yield { marker, body, scan };
    at = end;
  }
}

/** Zeros are stuffed behind data, and 0xff may fill the room before a marker. */
function isFill(byte: number): boolean {
  return byte === 0 || byte === 0xff;
}

/** Markers without a length: the start of the image and restarts. */
function isAlone(marker: number): boolean {
  return marker === MARKERS.startOfImage || marker >= 0xd0 && marker <= 0xd7 ||
    marker === 1;
}

/** Where compressed data ends: at a marker that is no restart. */
function scanEnd(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0;) {
    const next = bytes[at + 1];
    const isData = next === 0 || next === 0xff ||
      next !== undefined && next >= 0xd0 && next <= 0xd7;
    if (!isData) return at;
    at = bytes.indexOf(0xff, at + 1);
  }
  return bytes.length;
}

/** The frame of a segment that is a start of frame, of any of the thirteen kinds. */
export function frameOf({ marker, body }: Segment): Frame | null {
  const isFrame = marker >= 0xc0 && marker <= 0xcf &&
    ![0xc4, 0xc8, 0xcc].includes(marker);
  if (!isFrame || body.length < 6) return null;
  const count = Math.min(body[5]!, Math.floor((body.length - 6) / 3));
  return {
    marker,
    precision: body[0]!,
    height: body[1]! << 8 | body[2]!,
    width: body[3]! << 8 | body[4]!,
    components: Array.from({ length: count }, (_, i) => {
      const bytes = body.subarray(6 + 3 * i, 9 + 3 * i);
      const [id, sampling] = bytes as Iterable<number> as [number, number];
      return { id, across: sampling >> 4, down: sampling & 15, bytes };
    }),
  };
}

/** The frame of an image, of which the bytes up to it are enough. */
export function jpegFrame(bytes: Uint8Array, fail: Fail): Frame {
  for (const segment of segmentsOf(bytes)) {
    if (segment.marker === MARKERS.startOfScan) break;
    const frame = frameOf(segment);
    if (frame) return frame;
  }
  return fail('"Premature end of JPEG file" before the image');
}
