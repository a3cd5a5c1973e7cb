// A folder of images without labels: every PNG or JPEG image in it and in the folders below,
// whatever these are called, in the order of their paths.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { contentsOf, type ImageListing, isImageName } from "./image_listing.ts";

/**
 * Lists the images of a folder as a training split; all have the label 0, which says
 * nothing.
 *
 * @throws {UserError} if there is no such folder, or no image in it.
 */
export async function listPlainFolder(folder: string): Promise<ImageListing> {
  if (!(await fileInfo(folder))?.isDirectory) {
    throw refusal(folder, "no such folder");
  }
  const paths = await imagesIn(folder, []);
  if (paths.length === 0) throw refusal(folder, "none");
  return {
    name: "plain",
    title: "Images without labels",
    folder,
    classNames: ["image"],
    train: paths.map((path) => ({ path, label: 0 })),
    test: [],
    notes: [],
  };
}

/** Every image in a folder and those below, links back up left out. */
async function imagesIn(
  folder: string,
  above: readonly string[],
): Promise<string[]> {
  const place = await Deno.realPath(folder);
  if (above.includes(place)) return [];
  const { folders, files } = await contentsOf(folder);
  const images = files.filter(isImageName).map((name) => `${folder}/${name}`);
  for (const name of folders) {
    images.push(...await imagesIn(`${folder}/${name}`, [...above, place]));
  }
  return images;
}

function refusal(folder: string, found: string): UserError {
  return new UserError(
    `Cannot load images without labels: expected PNG or JPEG images in ` +
      `${folder} but found ${found}`,
  );
}
