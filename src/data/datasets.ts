// The list of data sets, one line each, beside the union of their configurations. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import { CIFAR10, CIFAR100 } from "./cifar_kinds.ts";
import type { DatasetConfig, DatasetKind } from "./dataset_kind.ts";
import type { ImageLoading } from "./load_images.ts";
import { IMAGE_FOLDER, TINY_IMAGENET } from "./image_file_kinds.ts";
import { SHAPES, type ShapesOptions } from "./shapes.ts";

/** The configuration of a data set. */
export type DataConfig =
  | DatasetConfig<"shapes", Pick<ShapesOptions, "train" | "test">>
  | DatasetConfig<"cifar10">
  | DatasetConfig<"cifar100">
  | DatasetConfig<"tiny-imagenet", { readonly size: number }>
  | DatasetConfig<"folder", Pick<ImageLoading, "size">>;

/** The data sets. */
export const DATASETS: {
  readonly [D in DataConfig["dataset"]]: DatasetKind<
    Extract<DataConfig, { readonly dataset: D }>
  >;
} = {
  "shapes": SHAPES,
  "cifar10": CIFAR10,
  "cifar100": CIFAR100,
  "tiny-imagenet": TINY_IMAGENET,
  "folder": IMAGE_FOLDER,
};

/** The field of a data set. */
export const DATA: Field = union("dataset", DATASETS);
