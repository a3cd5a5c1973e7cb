// Finds the extent of an experiment's data set, and loads its images: drawn, read from a
// folder that the user names, or downloaded once.

import type { Dataset } from "./dataset.ts";
import type {
  DatasetExtent,
  DatasetKind,
  DatasetSource,
} from "./dataset_kind.ts";
import { type DataConfig, DATASETS } from "./datasets.ts";

/**
 * The extent of a data set: the official one, or of a folder by counting its files.
 *
 * @throws {UserError} for a folder of images without the folder.
 * @throws {Error} as the data set's own functions do.
 */
export async function extentOf(
  config: DataConfig,
  { folder }: Pick<DatasetSource, "folder"> = {},
): Promise<DatasetExtent> {
  const kind: DatasetKind = DATASETS[config.dataset];
  return await kind.extent(config, { folder });
}

/**
 * Loads a data set.
 *
 * @throws {UserError} if a folder is given for a set that is drawn, or none for one
 * that is only read from a folder.
 * @throws {Error} as the data set's own functions do.
 */
export async function loadDataset(
  config: DataConfig,
  source: DatasetSource = {},
): Promise<Dataset> {
  const kind: DatasetKind = DATASETS[config.dataset];
  return await kind.load(config, source);
}
