// Small image files for tests: the fixtures' JPEG and PNG under any name.

import { fromFileUrl } from "@std/path";

const FOLDER = fromFileUrl(new URL("../fixtures/images", import.meta.url));

/** A JPEG of 64 x 64 pixels, as Tiny ImageNet has them. */
export const SQUARE_JPEG = Deno.readFileSync(`${FOLDER}/square.jpg`);
/** A grey JPEG of 24 x 36 pixels. */
export const GREY_JPEG = Deno.readFileSync(`${FOLDER}/grey.jpg`);
/** A PNG of 24 x 36 pixels. */
export const PNG = Deno.readFileSync(`${FOLDER}/rgb.png`);

/** Writes files by their paths in a folder, with the folders that they need. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    await Deno.writeFile(path, bytes);
  }
}
