// Sets of image files in an experiment, which are read from the folder that the user
// names: Tiny ImageNet, and folders of class folders.

import { UserError } from "../base/errors.ts";
import { nullable, whole } from "../base/fields.ts";
import type { DatasetConfig, DatasetKind } from "./dataset_kind.ts";
import { listImageFolder } from "./image_folder.ts";
import { type ImageLoading, loadImages, shapeOf } from "./load_images.ts";
import { listTinyImageNet } from "./tiny_imagenet.ts";

/** Tiny ImageNet as a kind. */
export const TINY_IMAGENET: DatasetKind<
  DatasetConfig<"tiny-imagenet", { readonly size: number }>
> = {
  dataset: "tiny-imagenet",
  about: "Tiny ImageNet, from a folder",
  fields: {
    size: whole({
      least: 1,
      ceiling: 4096,
      about: "rows and columns to resize to",
    }),
  },
  named: { dataset: "tiny-imagenet", size: 32 },
  downloads: false,
  async extent({ size }, { folder }) {
    const shape = { channels: 3, height: size, width: size } as const;
    if (folder === undefined) {
      return { shape, classes: 200, train: 100_000, test: 10_000 };
    }
    const { classNames, train, test, notes } = await listTinyImageNet(
      withoutSlash(folder),
    );
    return {
      shape,
      classes: classNames.length,
      train: train.length,
      test: test.length,
      notes,
    };
  },
  async load({ size }, { folder, ...options }) {
    const listing = await listTinyImageNet(
      needed(
        folder,
        "Tiny ImageNet: expected --data DIR, the unpacked tiny-imagenet-200,",
      ),
    );
    return await loadImages(listing, { size, ...options });
  },
};

/** A folder of class folders as a kind. */
export const IMAGE_FOLDER: DatasetKind<
  DatasetConfig<"folder", Pick<ImageLoading, "size">>
> = {
  dataset: "folder",
  about: "a folder of class folders with images",
  fields: {
    size: nullable(whole({ least: 1, ceiling: 4096 }), {
      about: "rows and columns to resize to",
    }),
  },
  named: { dataset: "folder", size: null },
  downloads: false,
  async extent({ size }, { folder }) {
    const listing = await listImageFolder(imageFolder(folder));
    return {
      shape: shapeOf(listing, size),
      classes: listing.classNames.length,
      train: listing.train.length,
      test: listing.test.length,
      notes: listing.notes,
    };
  },
  async load({ size }, { folder, ...options }) {
    const listing = await listImageFolder(imageFolder(folder), options);
    return await loadImages(listing, { size, ...options });
  },
};

function imageFolder(folder: string | undefined): string {
  return needed(
    folder,
    "a folder of images: expected --data DIR, whose folders train and test, " +
      "or val, hold a folder of images per class,",
  );
}

/** The folder that cannot be done without. */
function needed(folder: string | undefined, expected: string): string {
  if (folder !== undefined) return withoutSlash(folder);
  throw new UserError(`Cannot load ${expected} but found no --data`);
}

function withoutSlash(folder: string): string {
  return folder.replace(/(?<=.)\/+$/, "");
}
