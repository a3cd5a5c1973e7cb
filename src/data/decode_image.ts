// JPEG and PNG files as pixels: the bytes that Pillow's `convert("RGB")` gives, with the
// exceptions in `decode_png.ts` and `decode_jpeg.ts`.
//
// A damaged or cut image is an error here. Decoders fill the rest with grey and only warn,
// but such images should not be trained on. The extent is read before decoding, since a few
// bytes of a file can claim any.

import type { Fail } from "../base/fail.ts";
import { UserError } from "../base/errors.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePng } from "./decode_png.ts";
import { isJpeg, jpegFrame } from "./jpeg_segments.ts";
import type { Extent, Pixels } from "./pixels.ts";
import { isPng, pngHeader } from "./png_chunks.ts";

/** The endings of file names that are decoded, in lower case. */
export const IMAGE_ENDINGS: readonly string[] = [".jpg", ".jpeg", ".png"];

/**
 * Most pixels of an image: a quarter of a gibibyte as 24 bits each, beyond which
 * Pillow warns of a decompression bomb.
 */
export const MOST_PIXELS: number = Math.floor(2 ** 30 / 4 / 3);

/**
 * The pixels of a JPEG or PNG file. Grey images get three equal channels, CMYK is
 * converted, and transparency is dropped, as by Pillow's `convert("RGB")`. Decode one
 * at a time.
 *
 * @param path What to call the file in errors.
 * @throws {UserError} unless the bytes are a whole image of either format, of at most
 * {@linkcode MOST_PIXELS} pixels.
 */
export async function decodeImage(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<Pixels> {
  imageExtent(bytes, path);
  const fail = failureOf(path);
  return isJpeg(bytes) ? await decodeJpeg(bytes, fail) : decodePng(bytes, fail);
}

/**
 * The extent that a JPEG or PNG file claims, read from its first bytes.
 *
 * @throws {UserError} as {@linkcode decodeImage} does.
 */
export function imageExtent(bytes: Uint8Array, path: string): Extent {
  const fail = failureOf(path);
  const { height, width } = isJpeg(bytes)
    ? jpegFrame(bytes, fail)
    : isPng(bytes)
    ? pngHeader(bytes, fail)
    : fail(describe(bytes));
  if (height === 0 || width === 0) fail("an image without pixels");
  if (height * width > MOST_PIXELS) {
    throw new UserError(
      `Cannot read ${path}: expected at most ` +
        `${MOST_PIXELS.toLocaleString("en-US")} pixels but found ` +
        `${height} x ${width}`,
    );
  }
  return { height, width };
}

/** A description of a file that is neither JPEG nor PNG. */
function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 12));
  if (text.startsWith("GIF8")) return "a GIF";
  if (text.startsWith("BM")) return "a BMP";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "a WebP image";
  if (text.startsWith("version https")) return "a Git LFS pointer";
  return "neither";
}

function failureOf(path: string): Fail {
  return (found) => {
    throw new UserError(
      `Cannot read ${path}: expected a whole JPEG or PNG image but found ${found}`,
    );
  };
}
