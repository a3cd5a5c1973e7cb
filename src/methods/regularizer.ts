// A regularizer is one term that can be added to any objective. It has the same views
// and hooks as an objective's terms.

import type { Tensor } from "../graph/tensor.ts";
import type { MethodModules } from "./stateful.ts";
import type { StepHooks } from "./step_hooks.ts";
import type { Views } from "./views.ts";

/** A term that can be added to any objective. */
export interface Regularizer {
  /** The term's name in logs. */
  readonly name: string;
  /** Its own modules, which are kept from step to step. */
  readonly modules?: MethodModules;
  /** A scalar to add to the loss. */
  term(views: Views, hooks: StepHooks): Tensor;
}
