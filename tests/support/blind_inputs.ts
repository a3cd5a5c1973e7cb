// Inputs for attacks that follow the surrogate alone: whoever asks for predictions
// fails.

import type { AttackInputs } from "../../src/methods/attack.ts";
import { Variable } from "../../src/graph/tensor.ts";

/** The inputs of an attack on no network. */
export function blindInputs(
  { images, random }: Pick<AttackInputs, "images" | "random">,
): AttackInputs {
  const labels = new Variable("labels", [images.shape[0]!], "u32");
  return {
    images,
    random,
    labels: images.graph.read(labels),
    logits: () => {
      throw new TypeError("This attack looks at predictions");
    },
  };
}
