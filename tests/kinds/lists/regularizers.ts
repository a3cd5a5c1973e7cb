// The regularizers and one more.

import { type Field, union } from "../../../src/base/fields.ts";
import type { RegularizerKind } from "../../../src/methods/kind.ts";
import { REGULARIZERS as LISTED } from "../../../src/methods/regularizers.ts";
import { TOY_REGULARIZER } from "../toys.ts";

export * from "../../../src/methods/regularizers.ts";

export const REGULARIZERS: Readonly<Record<string, RegularizerKind>> = {
  ...LISTED,
  "toy-term": TOY_REGULARIZER,
};
export const REGULARIZER: Field = union("method", REGULARIZERS);
