// What attacks and objectives return, checked where it is traced: a wrong shape there
// would broadcast and train on another loss than the equation says.

import { f32, formatType, sameShape, type Tensor } from "../graph/tensor.ts";
import type { Attack, AttackInputs } from "./attack.ts";
import type { Objective } from "./objective.ts";
import type { StepHooks } from "./step_hooks.ts";
import type { Views } from "./views.ts";

/**
 * The images that an attack finds for a surrogate.
 *
 * @throws {TypeError} unless the surrogate gives a number per image, and the attack
 * images of the shape that it was given.
 */
export function maximized(
  attack: Attack,
  surrogate: (images: Tensor) => Tensor,
  inputs: AttackInputs,
): Tensor {
  const { images } = inputs;
  const perImage = f32(images.shape.slice(0, 1));
  const checked = (x: Tensor): Tensor => {
    const values = surrogate(x);
    if (values.dtype !== "u32" && sameShape(values.shape, perImage.shape)) {
      return values;
    }
    throw new TypeError(
      `Cannot attack by ${attack.name}: expected the surrogate to be a number ` +
        `per image, ${formatType(perImage)}, but found ${formatType(values)}`,
    );
  };
  const found = attack.maximize(checked, inputs);
  if (formatType(found) === formatType(images)) return found;
  throw new TypeError(
    `Cannot attack by ${attack.name}: expected images ${
      formatType(images)
    } but found ${formatType(found)}`,
  );
}

/**
 * The terms of an objective.
 *
 * @throws {TypeError} if there are none, or one is not a scalar.
 */
export function termsOf(
  objective: Objective,
  views: Views,
  hooks: StepHooks,
): Readonly<Record<string, Tensor>> {
  const terms = objective.terms(views, hooks);
  const entries = Object.entries(terms);
  if (entries.length === 0) {
    throw new TypeError(
      `Cannot train on ${objective.name}: expected at least 1 term but found none`,
    );
  }
  for (const [name, term] of entries) {
    if (term.shape.length === 0 && term.dtype !== "u32") continue;
    throw new TypeError(
      `Cannot train on ${objective.name}: expected its term "${name}" to be a ` +
        `scalar, such as mean(…) makes of losses, but found ${
          formatType(term)
        }`,
    );
  }
  return terms;
}
