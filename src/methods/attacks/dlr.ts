// The difference of logits ratio (Croce and Hein, 2020): a margin that does not
// change when all logits are shifted or scaled, so that no network looks robust for
// the size of its logits. With z_(1) >= z_(2) >= … the sorted logits,
//
//   DLR(z, y) = -(z_y - max over c other than y of z_c) / (z_(1) - z_(3))
//   DLR-T(z, y, t) = -(z_y - z_t) / (z_(1) - (z_(3) + z_(4)) / 2)
//
// Both rise as the attack succeeds. The denominators are differentiated, too.

import type { Tensor } from "../../graph/tensor.ts";
import type { Operand } from "../../graph/graph.ts";
import { gatherClass } from "../../ops/loss/gather_class.ts";
import { margin } from "../../ops/loss/margin.ts";
import {
  add,
  addScalar,
  divide,
  mulScalar,
  subtract,
} from "../../ops/pointwise.ts";
import { rankedClass } from "../../ops/loss/ranked_class.ts";

/** Keeps a denominator from being 0. */
const TINY = 1e-12;

/**
 * The difference of logits ratio of each example, (N).
 *
 * @param logits Logits (N, C), of at least 3 classes.
 * @param labels Classes, u32 (N).
 */
export function dlr(logits: Tensor, labels: Operand): Tensor {
  const spread = subtract(sorted(logits, 1), sorted(logits, 3));
  return divide(margin(logits, labels), addScalar(spread, TINY));
}

/** The true class, and the one to be taken for. */
export interface TargetedLabels {
  /** Classes of the images, u32 (N). */
  readonly labels: Operand;
  /** Classes to aim at, u32 (N). */
  readonly targets: Operand;
}

/**
 * The targeted difference of logits ratio of each example, (N).
 *
 * @param logits Logits (N, C), of at least 4 classes.
 */
export function targetedDlr(
  logits: Tensor,
  { labels, targets }: TargetedLabels,
): Tensor {
  const lead = subtract(
    gatherClass(logits, targets),
    gatherClass(logits, labels),
  );
  const low = mulScalar(add(sorted(logits, 3), sorted(logits, 4)), 0.5);
  return divide(lead, addScalar(subtract(sorted(logits, 1), low), TINY));
}

/** The rank-th largest logit of each row. */
function sorted(logits: Tensor, rank: number): Tensor {
  return gatherClass(logits, rankedClass(logits, { rank }));
}
