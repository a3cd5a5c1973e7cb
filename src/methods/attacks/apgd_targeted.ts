// APGD-T (Croce and Hein, 2020): Auto-PGD on the targeted difference of logits ratio,
// once for each of the classes that the network thinks most likely after the first
// one on the clean image. It succeeds with any wrong class, not only with its target.

import type { RoundAttackKind } from "../kind.ts";
import { rankedClass } from "../../ops/loss/ranked_class.ts";
import { type ApgdOptions, borderStart } from "./apgd.ts";
import { ascend } from "./apgd_ascent.ts";
import { targetedDlr } from "./dlr.ts";
import { inRounds, type RoundAttack } from "../round_attack.ts";

/** The budget of {@linkcode apgdTargeted}. */
export interface ApgdTargetedOptions extends ApgdOptions {
  /** Classes to aim at, one after the other; 9 if left out. */
  readonly targets?: number;
}

/** Auto-PGD towards one class after the other. */
export function apgdTargeted(options: ApgdTargetedOptions): RoundAttack {
  const { threat, steps = 100, restarts = 1, samples = 1, targets = 9 } =
    options;
  return inRounds({
    name: "apgd-t",
    rounds: targets * restarts,
    passes: () => 2 * samples * (steps + 1) + 1,
    leastClasses: Math.max(4, targets + 1),
    round: (index) => ({
      begin(inputs) {
        const { images, labels, logits, random } = inputs;
        const stream = `${random.stream}/apgd-t/${index}`;
        // Rank 1 is the image's own class, which it still has.
        const rank = 2 + Math.floor(index / restarts);
        const classes = rankedClass(logits(images), { rank });
        return ascend(inputs, {
          loss: (x) => targetedDlr(logits(x), { labels, targets: classes }),
          threat,
          steps,
          samples,
          start: borderStart(images, threat, { ...random, stream }),
        });
      },
    }),
  });
}

/** APGD-T as a member of AutoAttack. */
export const APGD_T: RoundAttackKind<"apgd-t"> = {
  method: "apgd-t",
  about: "Auto-PGD towards one class after the other",
  targeted: true,
  create: (threat, { steps, targets, samples }) =>
    apgdTargeted({ threat, steps, targets, samples }),
};
