// Auto-PGD (Croce and Hein, 2020) from random starts on the border of the ball. The search
// from a start is in `apgd_ascent.ts`.

import type { RoundAttackKind } from "../kind.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy } from "../../ops/loss/cross_entropy.ts";
import { add, mulScalar } from "../../ops/pointwise.ts";
import type { RandomKey } from "../../ops/random/random.ts";
import { ascend } from "./apgd_ascent.ts";
import { dlr } from "./dlr.ts";
import { inRounds, type RoundAttack } from "../round_attack.ts";
import type { ThreatModel } from "../threat_model.ts";

/** The budget of {@linkcode apgd}. */
export interface ApgdOptions {
  /** How far an image may move, and in which norm. */
  readonly threat: ThreatModel;
  /** Steps of ascent; 100 if left out. */
  readonly steps?: number;
  /** Random starts; 1 if left out. */
  readonly restarts?: number;
  /**
   * Passes whose gradients are averaged, for networks that draw random numbers
   * (expectation over transformation); 1 if left out.
   */
  readonly samples?: number;
}

/** The losses of {@linkcode apgd}. */
export type ApgdLoss = "ce" | "dlr";

/** Auto-PGD on the cross-entropy or on the difference of logits ratio. */
export function apgd(
  loss: ApgdLoss,
  { threat, steps = 100, restarts = 1, samples = 1 }: ApgdOptions,
): RoundAttack {
  const name = `apgd-${loss}`;
  return inRounds({
    name,
    rounds: restarts,
    passes: () => 2 * samples * (steps + 1),
    leastClasses: loss === "dlr" ? 3 : 2,
    round: (index) => ({
      begin(inputs) {
        const { images, labels, logits, random } = inputs;
        const lossAt = { ce: crossEntropy, dlr }[loss];
        const stream = `${random.stream}/${name}/${index}`;
        const start = borderStart(images, threat, { ...random, stream });
        const found = ascend(inputs, {
          loss: (x) => lossAt(logits(x), labels),
          threat,
          steps,
          samples,
          start,
        });
        return loss === "ce" ? { images: found.images } : found;
      },
    }),
  });
}

/** Images on the border of the ball, or inside where that is outside of [0, 1]. */
export function borderStart(
  images: Tensor,
  threat: ThreatModel,
  random: RandomKey,
): Tensor {
  const direction = threat.direction(images.shape, random);
  const moved = add(images, mulScalar(direction, threat.epsilon));
  return threat.project(moved, { clean: images, clip: true });
}

/** Auto-PGD on the cross-entropy as a member of AutoAttack. */
export const APGD_CE: RoundAttackKind<"apgd-ce"> = {
  method: "apgd-ce",
  about: "Auto-PGD on the cross-entropy",
  targeted: false,
  create: (threat, { steps, restarts, samples }) =>
    apgd("ce", { threat, steps, restarts, samples }),
};

/** Auto-PGD on the difference of logits ratio as a member of AutoAttack. */
export const APGD_DLR: RoundAttackKind<"apgd-dlr"> = {
  method: "apgd-dlr",
  about: "Auto-PGD on the difference of logits ratio",
  targeted: false,
  create: (threat, { steps, restarts, samples }) =>
    apgd("dlr", { threat, steps, restarts, samples }),
};
