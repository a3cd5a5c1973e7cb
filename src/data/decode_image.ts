// JPEG and PNG files as pixels. JPEG leaves to the decoder how colors that were
// stored at half the resolution are spread, which moves pixels by dozens of
// levels; MozJPEG, compiled to WebAssembly, does what libjpeg does, and so what
// Pillow and torchvision show a network: the same bytes.
//
// An image that breaks off is an error here. Decoders fill up the rest with grey
// and only warn, but nobody means to train on that.

import decodeJpeg, {
  init as initJpeg,
} from "npm:@jsquash/jpeg@1.6.0/decode.js";
import decodePng from "npm:@jsquash/png@3.1.1/decode.js";

/** Pixels of one image, row by row. */
export interface Pixels {
  /** The number of rows. */
  readonly height: number;
  /** The number of columns. */
  readonly width: number;
  /** (height, width, 3), red, green and blue side by side, 0 to 255. */
  readonly data: Uint8Array;
}

/** The endings of file names that are decoded, in lower case. */
export const IMAGE_ENDINGS: readonly string[] = [".jpg", ".jpeg", ".png"];

/**
 * The pixels of a JPEG or PNG file. Grey images get three equal channels, and
 * transparency is dropped, as by Pillow's `convert("RGB")`. Decode one at a time.
 *
 * @param path What to call the file in errors.
 * @throws {Error} unless the bytes are a whole image of either format.
 */
export async function decodeImage(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<Pixels> {
  const decoder = startsWith(bytes, [0xff, 0xd8, 0xff])
    ? jpeg
    : startsWith(bytes, [0x89, 0x50, 0x4e, 0x47])
    ? png
    : undefined;
  if (!decoder) throw refusal(path, describe(bytes));
  const image = await decoder(bytes, path);
  return { height: image.height, width: image.width, data: rgb(image.data) };
}

type Decoder = (
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
) => Promise<Pick<ImageData, "height" | "width" | "data">>;

/** Complaints after which some of the image is made up, and not only odd. */
const LOSS = /premature end|corrupt JPEG data: (?!\d+ extraneous)/i;

/** What the JPEG decoder complained about since it was last asked. */
const complaints: string[] = [];
let ready: Promise<void> | undefined;

const jpeg: Decoder = async (bytes, path) => {
  ready ??= initJpeg({ printErr: (text: string) => complaints.push(text) });
  await ready;
  complaints.length = 0;
  try {
    const image = await decodeJpeg(bytes.slice().buffer);
    if (!complaints.some((text) => LOSS.test(text))) return image;
  } catch {
    // The complaint says more than the error, which is the end of a program.
  }
  throw refusal(path, `"${complaints.join(", ") || "no image in it"}"`);
};

const png: Decoder = async (bytes, path) => {
  try {
    return await decodePng(bytes.slice().buffer);
  } catch {
    throw refusal(path, "a PNG that breaks off or is damaged");
  }
};

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** What a file is that is neither JPEG nor PNG. */
function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 12));
  if (text.startsWith("GIF8")) return "a GIF";
  if (text.startsWith("BM")) return "a BMP";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "a WebP image";
  if (text.startsWith("version https")) return "a Git LFS pointer";
  return "neither";
}

function refusal(path: string, found: string): Error {
  return new Error(
    `Cannot read ${path}: expected a whole JPEG or PNG image but found ${found}`,
  );
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
