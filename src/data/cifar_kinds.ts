// CIFAR-10 and CIFAR-100 in an experiment: read from a folder, or downloaded once.

import { loadCifar10, loadCifar100 } from "./cifar.ts";
import {
  CIFAR10 as CIFAR10_FILES,
  CIFAR100 as CIFAR100_FILES,
  extentOfCifar,
} from "./cifar_files.ts";
import type { DatasetConfig, DatasetKind } from "./dataset_kind.ts";
import { obtain, OFFICIAL_ARCHIVES } from "./official.ts";

/** CIFAR-10 as a kind. */
export const CIFAR10: DatasetKind<DatasetConfig<"cifar10">> = {
  dataset: "cifar10",
  about: "CIFAR-10, downloaded once unless a folder is given",
  fields: {},
  named: { dataset: "cifar10" },
  downloads: true,
  extent: (_, { folder }) => extentOfCifar(CIFAR10_FILES, folder),
  load: async (_, { folder, ...progress }) =>
    await loadCifar10(
      folder ?? await obtain(OFFICIAL_ARCHIVES.cifar10, progress),
    ),
};

/** CIFAR-100 as a kind. */
export const CIFAR100: DatasetKind<DatasetConfig<"cifar100">> = {
  dataset: "cifar100",
  about: "CIFAR-100, downloaded once unless a folder is given",
  fields: {},
  named: { dataset: "cifar100" },
  downloads: true,
  extent: (_, { folder }) => extentOfCifar(CIFAR100_FILES, folder),
  load: async (_, { folder, ...progress }) =>
    await loadCifar100(
      folder ?? await obtain(OFFICIAL_ARCHIVES.cifar100, progress),
    ),
};
