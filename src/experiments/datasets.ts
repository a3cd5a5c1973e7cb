// From a data set's name in an experiment to its images: drawn, read from a folder
// that the user names, or downloaded once. What a set will hold is known without
// having it, so that an experiment can be explained and costed first.

import { loadCifar10, loadCifar100 } from "../data/cifar.ts";
import type { Dataset, ImageShape } from "../data/dataset.ts";
import { FIGURES } from "../data/figures.ts";
import {
  obtain,
  type ObtainProgress,
  OFFICIAL_ARCHIVES,
} from "../data/official.ts";
import { shapes } from "../data/shapes.ts";
import type { DataConfig } from "./experiment.ts";
import { UserError } from "../text/user_error.ts";

/** The extent of a data set. */
export interface DatasetExtent {
  readonly shape: ImageShape;
  readonly classes: number;
  /** Images for training, those to be held out included. */
  readonly train: number;
  readonly test: number;
}

/** Where images come from. */
export interface DatasetSource {
  /** The folder with a data set's official files; downloaded if left out. */
  readonly folder?: string | undefined;
  readonly onProgress?: (progress: ObtainProgress) => void;
}

/** What the official version of a data set holds. */
export function extentOf(config: DataConfig): DatasetExtent {
  const shape = { channels: 3, height: 32, width: 32 } as const;
  if (config.dataset === "shapes") {
    const { train, test } = config;
    return { shape, classes: FIGURES.length, train, test };
  }
  const classes = config.dataset === "cifar10" ? 10 : 100;
  return { shape, classes, train: 50_000, test: 10_000 };
}

/**
 * Loads a data set.
 *
 * @throws {UserError} if a folder is given for a set that is drawn.
 * @throws {Error} as {@linkcode loadCifar10} and {@linkcode obtain} do.
 */
export async function loadDataset(
  config: DataConfig,
  { folder, onProgress }: DatasetSource = {},
): Promise<Dataset> {
  if (config.dataset === "shapes") {
    if (folder === undefined) return shapes(config);
    throw new UserError(
      `Cannot load shapes from ${folder}: expected no folder, since its ` +
        "images are drawn; for CIFAR choose one of its recipes",
    );
  }
  const load = config.dataset === "cifar10" ? loadCifar10 : loadCifar100;
  return await load(
    folder ?? await obtain(OFFICIAL_ARCHIVES[config.dataset], {
      ...onProgress ? { onProgress } : {},
    }),
  );
}
