// From a data set's name in an experiment to its images: drawn, read from a folder
// that the user names, or downloaded once. What a set will hold is known without
// decoding it, so that an experiment can be explained and costed first; of a folder
// of images, its files are counted.

import { loadCifar10, loadCifar100 } from "../data/cifar.ts";
import type { Dataset, ImageShape } from "../data/dataset.ts";
import { OUTLINES } from "../data/outlines.ts";
import { listImageFolder } from "../data/image_folder.ts";
import type { ImageListing } from "../data/image_listing.ts";
import {
  type ImageProgress,
  loadImages,
  shapeOf,
} from "../data/load_images.ts";
import {
  obtain,
  type ObtainProgress,
  OFFICIAL_ARCHIVES,
} from "../data/official.ts";
import { shapes } from "../data/shapes.ts";
import { listTinyImageNet } from "../data/tiny_imagenet.ts";
import { UserError } from "../base/errors.ts";
import type { DataConfig } from "./experiment.ts";

/** The extent of a data set. */
export interface DatasetExtent {
  readonly shape: ImageShape;
  readonly classes: number;
  /** Images for training, those to be held out included. */
  readonly train: number;
  readonly test: number;
  /** What became of a folder's files, a sentence each. */
  readonly notes?: readonly string[];
}

/** What loading a data set is doing. */
export type DatasetProgress = ObtainProgress | ImageProgress;

/** Where images come from. */
export interface DatasetSource {
  /** The folder with a data set's files; CIFAR is downloaded without one. */
  readonly folder?: string | undefined;
  /** Whether a damaged image ends loading; if left out, it is left out. */
  readonly strict?: boolean | undefined;
  readonly onProgress?: (progress: DatasetProgress) => void;
}

/** A set of image files, whose size in pixels the experiment says. */
type FileConfig = Extract<DataConfig, { readonly size: unknown }>;

/**
 * What a data set holds: officially, or of a folder of images by counting its files.
 *
 * @throws {UserError} for a folder of images without the folder.
 * @throws {Error} as {@linkcode listImageFolder} does.
 */
export async function extentOf(
  config: DataConfig,
  { folder }: Pick<DatasetSource, "folder"> = {},
): Promise<DatasetExtent> {
  const shape = { channels: 3, height: 32, width: 32 } as const;
  switch (config.dataset) {
    case "shapes": {
      const { train, test } = config;
      return { shape, classes: OUTLINES.length, train, test };
    }
    case "cifar10":
      return { shape, classes: 10, train: 50_000, test: 10_000 };
    case "cifar100":
      return { shape, classes: 100, train: 50_000, test: 10_000 };
    case "tiny-imagenet": {
      const { size } = config;
      const resized = { channels: 3, height: size, width: size } as const;
      return { shape: resized, classes: 200, train: 100_000, test: 10_000 };
    }
    case "folder": {
      const listing = await listFiles(config, { folder });
      return {
        shape: shapeOf(listing, config.size),
        classes: listing.classNames.length,
        train: listing.train.length,
        test: listing.test.length,
        notes: listing.notes,
      };
    }
  }
}

/**
 * Loads a data set.
 *
 * @throws {UserError} if a folder is given for a set that is drawn, or none for one
 * that is only read from a folder.
 * @throws {Error} as {@linkcode loadCifar10}, {@linkcode obtain} and
 * {@linkcode loadImages} do.
 */
export async function loadDataset(
  config: DataConfig,
  { folder, strict, onProgress }: DatasetSource = {},
): Promise<Dataset> {
  const progress = onProgress ? { onProgress } : {};
  switch (config.dataset) {
    case "shapes":
      if (folder === undefined) return shapes(config);
      throw new UserError(
        `Cannot load shapes from ${folder}: expected no folder, since its ` +
          "images are drawn; for other images choose another recipe",
      );
    case "cifar10":
    case "cifar100": {
      const load = config.dataset === "cifar10" ? loadCifar10 : loadCifar100;
      const official = OFFICIAL_ARCHIVES[config.dataset];
      return await load(folder ?? await obtain(official, progress));
    }
    case "tiny-imagenet":
    case "folder": {
      const listing = await listFiles(config, { folder, strict });
      const { size } = config;
      return await loadImages(listing, { size, strict, ...progress });
    }
  }
}

/** The files of a set that is read from the folder that the user names. */
async function listFiles(
  { dataset }: FileConfig,
  { folder, strict }: Pick<DatasetSource, "folder" | "strict">,
): Promise<ImageListing> {
  if (folder !== undefined) {
    const path = folder.replace(/(?<=.)\/+$/, "");
    return dataset === "folder"
      ? await listImageFolder(path, { strict })
      : await listTinyImageNet(path);
  }
  throw new UserError(
    dataset === "folder"
      ? "Cannot load a folder of images: expected --data DIR, whose folders " +
        "train and test, or val, hold a folder of images per class, but found " +
        "no --data"
      : "Cannot load Tiny ImageNet: expected --data DIR, the unpacked " +
        "tiny-imagenet-200, but found no --data",
  );
}
