// The data sets and one more.

import { type Field, union } from "../../../src/base/fields.ts";
import type { DatasetKind } from "../../../src/data/dataset_kind.ts";
import { DATASETS as LISTED } from "../../../src/data/datasets.ts";
import { TOY_DATASET } from "../toys.ts";

export * from "../../../src/data/datasets.ts";

export const DATASETS: Readonly<Record<string, DatasetKind>> = {
  ...LISTED,
  "toy-images": TOY_DATASET,
};
export const DATA: Field = union("dataset", DATASETS);
