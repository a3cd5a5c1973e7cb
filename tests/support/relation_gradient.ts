// The relation loss of a teacher's and a student's features, and its gradient.

import type { Tensor } from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import {
  relationLoss,
  type RelationOptions,
} from "../../src/ops/relation/relation.ts";

/** The loss and its gradient by the student's features. */
export function relationWithGradient(
  options: RelationOptions,
): (features: readonly Tensor[]) => Tensor[] {
  return ([t, s]: readonly Tensor[]): Tensor[] => {
    const loss = relationLoss(t!, s!, options);
    return [loss, ...grad(loss, [s!])];
  };
}
