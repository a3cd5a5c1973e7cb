// Learnable boundary guided adversarial training (LBGAT, Cui et al., 2021): the
// student's logits on adversarial images follow the teacher's on clean ones,
//
//   min MSE(f(x'), g(x)) + robust        (+ CE(g(x), y), which trains the teacher g)
//
// with one of these as the robust part, and its surrogate for the attack:
//
//   trades       beta KL(f(x) || f(x'))   surrogate KL; beta = 0 still forwards x
//   vanilla-at   CE(f(x'), y)             surrogate CE
//   alp          MSE(f(x'), f(x))         surrogate CE
//   none         nothing                  surrogate CE
//
// The squared error reaches the teacher too, unless `detach` (LBGAT_detach). As in
// the authors' code the student forwards the adversarial batch before the clean one.

import { checked } from "../../base/check_fields.ts";
import { boolean, choice, number, optional, union } from "../../base/fields.ts";
import { detach } from "../../graph/graph.ts";
import {
  crossEntropy,
  klDivergence,
  meanSquaredError,
} from "../../nn/losses.ts";
import { mulScalar } from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";
import type { Views } from "../views.ts";

/**
 * The method that LBGAT is combined with: TRADES, vanilla AT, ALP or none. Its terms on
 * the student are added. Of TRADES, this is the divergence only: labels reach the student
 * through the teacher alone.
 */
export type LbgatBase =
  | {
    readonly kind: "trades";
    /** Weight of the divergence, at least 0: 6 or 0 in the paper. */
    readonly beta: number;
  }
  | { readonly kind: "vanilla-at" | "alp" | "none" };

/** The robust part, and whether the teacher learns from the student. */
export interface LbgatOptions {
  /** The robust part of the loss. */
  readonly base: LbgatBase;
  /** Whether the teacher is taken as constant by the squared error. */
  readonly detach: boolean;
  /**
   * The images of the teacher's logits in the squared error: "clean" ones, as LBGAT has
   * it, if left out; or "adversarial" ones, as FRPAT's supplement prints it.
   */
  readonly guide?: "clean" | "adversarial";
}

/** LBGAT in an experiment. */
export type LbgatConfig =
  & MethodConfig<"lbgat", Omit<LbgatOptions, "guide">>
  & Pick<LbgatOptions, "guide">;

/**
 * Guides the student by the boundaries of a teacher trained beside it. The term is
 * `boundary`, beside those of the base: `robust`, `adversarial` or `pairing`.
 */
export function lbgat(options: LbgatOptions): Objective {
  const { base, detach: detached, guide: images } = checked(LBGAT, options);
  return {
    name: detached ? "lbgat-detach" : "lbgat",
    surrogate: (views) => {
      const { targets } = views;
      if (base.kind !== "trades") {
        return crossEntropy(views.adversarial.logits, targets);
      }
      const { clean, adversarial } = views;
      return klDivergence({
        target: clean.logits,
        prediction: adversarial.logits,
      });
    },
    terms(views) {
      const student = views.adversarial.logits;
      const robust = robustPart(views, base);
      const view = images === "adversarial" ? "teacherAdversarial" : "teacher";
      const teacher = views[view].logits;
      const guide = detached ? detach(teacher) : teacher;
      return { boundary: mean(meanSquaredError(student, guide)), ...robust };
    },
  };
}

function robustPart(views: Views, base: LbgatBase): Record<string, Tensor> {
  const { adversarial, targets } = views;
  switch (base.kind) {
    case "trades": {
      const target = views.clean.logits;
      const divergence = klDivergence({
        target,
        prediction: adversarial.logits,
      });
      return { robust: mulScalar(mean(divergence), base.beta) };
    }
    case "vanilla-at":
      return { adversarial: mean(crossEntropy(adversarial.logits, targets)) };
    case "alp": {
      const pairs = meanSquaredError(adversarial.logits, views.clean.logits);
      return { pairing: mean(pairs) };
    }
    case "none":
      return {};
  }
}

/** LBGAT as a kind. */
export const LBGAT: ObjectiveKind<LbgatConfig> = {
  method: "lbgat",
  about: "adversarial logits follow a teacher's clean ones",
  fields: {
    base: union("kind", {
      "trades": {
        about: "a divergence of predictions",
        fields: {
          beta: number({ least: 0, about: "weight of the divergence" }),
        },
      },
      "vanilla-at": { about: "adversarial cross-entropy", fields: {} },
      "alp": { about: "equal logits for a pair", fields: {} },
      "none": { about: "nothing", fields: {} },
    }, { about: "the robust part of the loss" }),
    detach: boolean({ about: "whether the teacher learns from labels alone" }),
    guide: optional(choice(["clean", "adversarial"]), {
      about: "the images of the teacher's logits",
    }),
  },
  needs: { teacher: true, labels: true, attack: true },
  smooths: ({ base }) => base.kind === "vanilla-at",
  create: lbgat,
};
