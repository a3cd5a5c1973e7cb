// The description of a kind of data set: its name and fields in an experiment, its extent,
// and the function that loads it. The extent is known without decoding images, so that an
// experiment can be explained first. `datasets.ts` lists all kinds.

import type { Fields } from "../base/fields.ts";
import type { Dataset, ImageShape } from "./dataset.ts";
import type { ImageProgress } from "./load_images.ts";
import type { ObtainProgress } from "./official.ts";

/** The extent of a data set. */
export interface DatasetExtent {
  /** The extent of one image. */
  readonly shape: ImageShape;
  /** The number of classes. */
  readonly classes: number;
  /** Images for training, those to be held out included. */
  readonly train: number;
  /** Images for the test. */
  readonly test: number;
  /** Notes about the files of a folder, one sentence each. */
  readonly notes?: readonly string[];
  /** What an experiment adds to the data set; nothing if left out. */
  readonly added?: AddedExtent;
}

/** How much an experiment reads beside its data set. */
export interface AddedExtent {
  /** Extra images with labels; 0 for none. */
  readonly extra: number;
  /** Images without labels; 0 for none. */
  readonly unlabeled: number;
  /** The width of a teacher's features; 0 for none. */
  readonly features: number;
}

/** The progress of loading a data set. */
export type DatasetProgress = ObtainProgress | ImageProgress;

/** The source of images. */
export interface DatasetSource {
  /** The folder with a data set's files; CIFAR is downloaded without one. */
  readonly folder?: string | undefined;
  /** Whether an image that cannot be read ends loading; if left out, it is left out. */
  readonly strict?: boolean | undefined;
  /** Called for every step, and now and then in one. */
  readonly onProgress?: (progress: DatasetProgress) => void;
}

/** A configuration of a kind: its name, and its options. */
export interface DatasetChoice {
  /** The kind's name. */
  readonly dataset: string;
}

/** A configuration by the name of its kind. */
export type DatasetConfig<N extends string, O extends object = object> =
  & { readonly dataset: N }
  & Required<O>;

/** A kind of data set. */
export interface DatasetKind<C extends DatasetChoice = DatasetChoice> {
  /** Its name in an experiment. */
  readonly dataset: C["dataset"];
  /** A short description. */
  readonly about: string;
  /** Its options. */
  readonly fields: Fields<Omit<C, "dataset">>;
  /** The configuration for the name alone. */
  readonly named: C;
  /** Whether it is downloaded where no folder is given. */
  readonly downloads: boolean;
  /** Its extent, found without decoding images. */
  extent(
    config: C,
    source: Pick<DatasetSource, "folder">,
  ): DatasetExtent | Promise<DatasetExtent>;
  /** Its images. */
  load(config: C, source: DatasetSource): Dataset | Promise<Dataset>;
}
