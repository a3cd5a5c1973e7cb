// What a kind of data set says of itself: its name and fields in an experiment, what
// it will hold, and the function that loads it. What a set holds is known without
// decoding it, so that an experiment can be explained and costed first. The list in
// `datasets.ts` names all kinds.

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
  /** What became of a folder's files, a sentence each. */
  readonly notes?: readonly string[];
}

/** What loading a data set is doing. */
export type DatasetProgress = ObtainProgress | ImageProgress;

/** Where images come from. */
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
  /** As it stands in an experiment. */
  readonly dataset: C["dataset"];
  /** What it is, in a few words. */
  readonly about: string;
  /** Its options. */
  readonly fields: Fields<Omit<C, "dataset">>;
  /** What the name alone stands for. */
  readonly named: C;
  /** Whether it is downloaded where no folder is given. */
  readonly downloads: boolean;
  /** What it holds, found without decoding images. */
  extent(
    config: C,
    source: Pick<DatasetSource, "folder">,
  ): DatasetExtent | Promise<DatasetExtent>;
  /** Its images. */
  load(config: C, source: DatasetSource): Dataset | Promise<Dataset>;
}
