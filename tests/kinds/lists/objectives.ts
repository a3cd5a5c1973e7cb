// The objectives and one more.

import { type Field, union } from "../../../src/base/fields.ts";
import type { ObjectiveKind } from "../../../src/methods/kind.ts";
import { OBJECTIVES as LISTED } from "../../../src/methods/objectives.ts";
import { TOY_OBJECTIVE } from "../toys.ts";

export * from "../../../src/methods/objectives.ts";

export const OBJECTIVES: Readonly<Record<string, ObjectiveKind>> = {
  ...LISTED,
  "toy-loss": TOY_OBJECTIVE,
};
export const OBJECTIVE: Field = union("method", OBJECTIVES);
