// An attack in rounds, as ensembles run it. Each round starts from the beginning, with
// another target class or another start, on the images that no earlier round has broken. A
// round consists of parts, each a short program on the device; variables keep the state
// between parts.
//
// In an ensemble, images leave the batch between rounds. Anywhere else it is an ordinary
// attack, with all its rounds on all images in one program.

import type { Tensor } from "../graph/tensor.ts";
import { correct } from "../ops/loss/margin.ts";
import { addScalar, less, maximum, negate, where } from "../ops/pointwise.ts";
import { trailingAxes } from "../ops/reduce/reduce.ts";
import type { Attack, AttackInputs } from "./attack.ts";

/** The result of a part of a round. */
export interface Candidate {
  /** Adversarial images, (N, H, W, C). */
  readonly images: Tensor;
  /**
   * 1 for each image whose gradient is 0 everywhere, else 0, (N); absent where the attack
   * does not check this.
   */
  readonly zeroGradient?: Tensor;
  /** 1 for each image that a further part may still change, (N); all if absent. */
  readonly undecided?: Tensor;
}

/** One round of an attack on one batch. */
export interface Round {
  /** Traces the first part. */
  begin(inputs: AttackInputs): Candidate;
  /** Further parts, `times` of them; absent where the first part is the whole round. */
  readonly continue?: {
    readonly times: number;
    trace(inputs: AttackInputs): Candidate;
  };
}

/** An attack in rounds. */
export interface RoundAttack extends Attack {
  /** Target classes times restarts. */
  readonly rounds: number;
  /**
   * The cost of a round for one image and a number of classes, in forward passes; a
   * backward pass counts as one.
   */
  passes(classes: number): number;
  /** The fewest classes that it makes sense for. */
  readonly leastClasses: number;
  /** A round, from 0, with state of its own. */
  round(index: number): Round;
}

/** An attack from its rounds: it runs every round on every image. */
export function inRounds(attack: Omit<RoundAttack, "maximize">): RoundAttack {
  return {
    ...attack,
    maximize(surrogate, inputs) {
      let kept = wholeRound(attack, { index: 0, inputs });
      for (let index = 1; index < attack.rounds; index++) {
        const next = wholeRound(attack, { index, inputs });
        kept = better(kept, next, { surrogate, inputs });
      }
      return kept;
    },
  };
}

function wholeRound(
  attack: Pick<RoundAttack, "round">,
  { index, inputs }: { readonly index: number; readonly inputs: AttackInputs },
): Tensor {
  const { begin, continue: next } = attack.round(index);
  let { images } = begin(inputs);
  for (let part = 0; part < (next?.times ?? 0); part++) {
    images = next!.trace(inputs).images;
  }
  return images;
}

/** For each image the misclassified one, or the one with the larger surrogate. */
function better(
  kept: Tensor,
  next: Tensor,
  { surrogate, inputs: { logits, labels } }: {
    readonly surrogate: (images: Tensor) => Tensor;
    readonly inputs: AttackInputs;
  },
): Tensor {
  const [old, young] = [kept, next].map((images) => ({
    right: correct(logits(images), labels),
    value: surrogate(images),
  }));
  const breaks = less(young!.right, old!.right);
  const rises = less(old!.value, young!.value);
  const stillRight = not(less(old!.right, young!.right));
  const takes = maximum(
    breaks,
    minimum(rises, minimum(stillRight, old!.right)),
  );
  const mask = trailingAxes(takes, kept.shape.length);
  return where(mask, { yes: next, no: kept });
}

/** 1 where x is 0, and 0 where it is 1. */
export function not(x: Tensor): Tensor {
  return addScalar(negate(x), 1);
}

function minimum(a: Tensor, b: Tensor): Tensor {
  return not(maximum(not(a), not(b)));
}
