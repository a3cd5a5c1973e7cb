// JPEG files as pixels. JPEG leaves to the decoder how colors that were stored at half
// the resolution are spread, which moves pixels by dozens of levels; MozJPEG, compiled
// to WebAssembly, does what libjpeg does, and so what Pillow and torchvision show a
// network: the same bytes.
//
// MozJPEG does not recover from damaged files: its memory is left as the failure found
// it. After any failure the next image gets a new instance.

import decodeWithMozJpeg, {
  init as initMozJpeg,
} from "npm:@jsquash/jpeg@1.6.0/decode.js";
import type { Fail } from "../base/fail.ts";
import { jpegFrame } from "./jpeg_segments.ts";
import type { Pixels } from "./pixels.ts";
import { splitJpeg } from "./split_jpeg.ts";

/** Red, green, blue and alpha, side by side. */
type RgbaImage = Pick<ImageData, "height" | "width" | "data">;

/** Complaints after which some of the image is made up, and not only odd. */
const LOSS = /premature end|corrupt JPEG data: (?!\d+ extraneous)/i;

/** Warnings of the decoder since they were last read. */
const complaints: string[] = [];
let ready: Promise<void> | undefined;

/** The pixels of a JPEG file. Decode one at a time. */
export async function decodeJpeg(
  bytes: Uint8Array<ArrayBuffer>,
  fail: Fail,
): Promise<Pixels> {
  const isCmyk = jpegFrame(bytes, fail).components.length === 4;
  if (isCmyk) return await decodeCmyk(bytes, fail);
  const { height, width, data } = await decodeColors(bytes, fail);
  return { height, width, data: rgb(data) };
}

async function decodeColors(
  bytes: Uint8Array<ArrayBuffer>,
  fail: Fail,
): Promise<RgbaImage> {
  ready ??= initMozJpeg({ printErr: (text: string) => complaints.push(text) });
  await ready;
  complaints.length = 0;
  try {
    const image = await decodeWithMozJpeg(bytes.slice().buffer);
    if (!complaints.some((text) => LOSS.test(text))) return image;
  } catch {
    // The complaint says more than the error, which is the end of a program.
  }
  ready = undefined;
  return fail(`"${complaints.join(", ") || "no image in it"}"`);
}

/**
 * An image of four channels, as Pillow's `convert("RGB")` gives it. Adobe's programs
 * store such channels inverted, and Pillow takes it that every program does: 255 is
 * no ink.
 */
async function decodeCmyk(
  bytes: Uint8Array<ArrayBuffer>,
  fail: Fail,
): Promise<Pixels> {
  const split = splitJpeg(bytes, fail);
  const { height, width, data } = await decodeColors(split.colors, fail);
  const black = (await decodeColors(split.black, fail)).data;
  const out = rgb(data);
  for (let i = 0, at = 0; i < out.length; at += 4) {
    const light = black[at + 2]!;
    for (const end = i + 3; i < end; i++) {
      // libjpeg gives CMYK for YCCK: 255 less the colors, which are ink then.
      const ink = split.converted ? out[i]! : 255 - out[i]!;
      out[i] = Math.max(0, light - product(ink, light));
    }
  }
  return { height, width, data: out };
}

/** a b / 255 rounded, as Pillow computes it. */
function product(a: number, b: number): number {
  const product = a * b + 128;
  return (product >> 8) + product >> 8;
}

/** (pixels, 4) to (pixels, 3). */
function rgb(rgba: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    out[to++] = rgba[from]!;
    out[to++] = rgba[from + 1]!;
    out[to++] = rgba[from + 2]!;
  }
  return out;
}
