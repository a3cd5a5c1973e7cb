// Targeted PGD (Madry et al., 2018; Kurakin et al., 2017): projected gradient descent on
// the cross-entropy with another class, to be taken for that class. It descends
//
//   CE(f(x'), t),   t = the likeliest wrong class of x, the least likely one, or one class
//
// whatever surrogate it is given. An image counts as broken with any wrong class. Those
// whose label is the class that all are to be taken for stay as they are.

import { choice, type Field } from "../../base/fields.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { crossEntropy } from "../../ops/loss/cross_entropy.ts";
import { rankedClass } from "../../ops/loss/ranked_class.ts";
import { mulScalar } from "../../ops/pointwise.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import type { AttackKind, MethodConfig } from "../kind.ts";
import {
  checkBall,
  ITERATION,
  type IterationConfig,
  iterationOf,
  namedIteration,
  type NamedSetting,
  startOf,
} from "./iteration.ts";
import { pgd, type PgdOptions } from "./pgd.ts";

/** The class to be taken for: of each image's wrong ones the first or the last. */
export type TargetRank = "next" | "least-likely";

/** The budget of {@linkcode targetedPgd}. */
export interface TargetedPgdOptions extends PgdOptions {
  /**
   * By the network's logits on the clean image, the likeliest wrong class ("next") or
   * the least likely one; or the index of one class for all images.
   */
  readonly target: TargetRank | number;
}

/** PGD towards a class. */
export function targetedPgd(
  { target, ...options }: TargetedPgdOptions,
): Attack {
  const attack = pgd(options);
  return {
    name: `targeted-pgd-${options.steps}`,
    maximize(_, inputs) {
      const targets = targetsOf(inputs, target);
      return attack.maximize(
        (images) => mulScalar(crossEntropy(inputs.logits(images), targets), -1),
        inputs,
      );
    },
  };
}

/** The class of each image, u32 (N). */
function targetsOf(
  { images, labels, logits }: AttackInputs,
  target: TargetedPgdOptions["target"],
): Tensor {
  const scores = logits(images);
  const classes = scores.shape[1]!;
  if (typeof target !== "number") {
    const rank = target === "next" ? 1 : classes - 1;
    return rankedClass(scores, { rank, except: labels });
  }
  if (!(Number.isInteger(target) && target >= 0 && target < classes)) {
    throw new RangeError(
      `Cannot attack: expected a class from 0 to ${
        classes - 1
      } as target but ` +
        `found ${target}`,
    );
  }
  const { shape } = labels;
  return fill(images.graph, { shape, value: target, dtype: "u32" });
}

/** The budget of targeted PGD in an experiment. */
export interface TargetedPgdConfig extends IterationConfig {
  /** Which wrong class to aim at. */
  readonly target: TargetRank;
}

const TARGET: Field = choice(["next", "least-likely"], {
  about: "the wrong class to aim at, by the logits on the clean image",
});

/** Targeted PGD as a kind. */
export const TARGETED_PGD: AttackKind<
  MethodConfig<"targeted-pgd", TargetedPgdConfig>
> = {
  method: "targeted-pgd",
  about: "PGD towards a wrong class",
  fields: { ...ITERATION, target: TARGET },
  needs: { labels: true },
  check: checkBall,
  start: startOf,
  names: {
    "targeted-pgd-STEPS": (setting, steps) =>
      named(setting, { steps: steps!, target: "next" }),
    "least-likely-pgd-STEPS": (setting, steps) =>
      named(setting, { steps: steps!, target: "least-likely" }),
  },
  create: (config) =>
    targetedPgd({ ...iterationOf(config), target: config.target }),
};

function named(
  setting: NamedSetting,
  { steps, target }: { readonly steps: number; readonly target: TargetRank },
): MethodConfig<"targeted-pgd", TargetedPgdConfig> | null {
  const iteration = namedIteration(setting, steps);
  return { method: "targeted-pgd", ...iteration, target };
}
