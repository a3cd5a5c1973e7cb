// The fields that contrastive losses with a memory bank share in an experiment.

import { type Field, number, whole } from "../../base/fields.ts";

/** The fields of the comparison with other images, and of the bank. */
export const CONTRAST: Readonly<
  Record<"negatives" | "temperature" | "momentum", Field>
> = {
  negatives: whole({
    least: 1,
    ceiling: 65_536,
    about: "images of other classes that each example is compared with",
  }),
  temperature: number({ above: 0, about: "what products are divided by" }),
  momentum: number({
    least: 0,
    below: 1,
    about: "the part of a bank's row that a step keeps",
  }),
};
