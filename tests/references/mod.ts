// One reference per operation, by the operation's name.

import type { Reference } from "../reference.ts";
import { pointwise } from "./pointwise.ts";
import { fill, repeat, store, sum } from "./structure.ts";

export const references: Readonly<Record<string, Reference>> = {
  pointwise,
  sum,
  repeat,
  fill,
  store,
};
