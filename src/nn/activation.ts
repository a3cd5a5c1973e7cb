// The nonlinearity of a network where it is a choice. A ReLU is fused into the
// normalization before it; others are an operation of their own.

import { choice, type Field } from "../base/fields.ts";
import type { Tensor } from "../graph/tensor.ts";
import { silu } from "../ops/pointwise.ts";

/** max(x, 0), or x times its logistic function, which some papers call swish. */
export type Activation = "relu" | "silu";

/** A normalization with its activation; a ReLU is fused into the normalization. */
export function activated(
  activation: Activation,
  normalize: (options: { readonly relu: boolean }) => Tensor,
): Tensor {
  return activation === "relu"
    ? normalize({ relu: true })
    : silu(normalize({ relu: false }));
}

/** The field of an activation. */
export const ACTIVATION: Field = choice(["relu", "silu"], {
  about: "the nonlinearity; SiLU in all published models",
});

/** A network's name with each activation behind it, and alone for SiLU. */
export function namedActivations(
  name: string,
): (readonly [string, Activation])[] {
  return [
    [name, "silu"],
    [`${name}-silu`, "silu"],
    [`${name}-swish`, "silu"],
    [`${name}-relu`, "relu"],
  ];
}
