// The fast gradient sign method (Goodfellow et al., 2015) and its variant with a
// random start for training (Wong et al., 2020): PGD with a single step.

import { checked } from "../../base/check_fields.ts";
import type { AttackKind, MethodConfig } from "../kind.ts";
import { fractionValue } from "../../base/fraction.ts";
import {
  BALL,
  type BallConfig,
  checkBall,
  doubtReach,
  type IterationConfig,
  startOf,
  STEP_SIZE,
  threatOf,
} from "./iteration.ts";
import type { Attack } from "../attack.ts";
import { pgd } from "./pgd.ts";
import type { ThreatModel } from "../threat_model.ts";

/** One step of the ball's radius from the clean images. */
export function fgsm({ threat }: { readonly threat: ThreatModel }): Attack {
  const start = { kind: "clean" } as const;
  const attack = pgd({ threat, steps: 1, stepSize: threat.epsilon, start });
  return { ...attack, name: "fgsm" };
}

/**
 * One step from a uniform start in the ball. Wong et al. step by 1.25 times the
 * radius; much longer steps overfit catastrophically.
 */
export function fgsmRandomStart(
  options: { readonly threat: ThreatModel; readonly stepSize: number },
): Attack {
  const { threat, stepSize } = checked(FGSM_RANDOM_START, options);
  const start = { kind: "uniform", clip: true } as const;
  return { ...pgd({ threat, steps: 1, stepSize, start }), name: "fgsm-rs" };
}

/** FGSM as a kind. */
export const FGSM: AttackKind<MethodConfig<"fgsm", BallConfig>> = {
  method: "fgsm",
  about: "one step of the radius from the clean images",
  fields: BALL,
  needs: { labels: false },
  check: checkBall,
  start: () => startOf({ start: { kind: "clean" } }),
  names: { "fgsm": ({ ball }) => ({ method: "fgsm", ...ball }) },
  create: (config) => fgsm({ threat: threatOf(config) }),
};

/** FGSM from a random start as a kind. */
export const FGSM_RANDOM_START: AttackKind<
  MethodConfig<"fgsm-rs", Omit<IterationConfig, "steps" | "start">>
> = {
  method: "fgsm-rs",
  about: "one step from a random start",
  fields: { ...BALL, stepSize: STEP_SIZE },
  needs: { labels: false },
  check: checkBall,
  doubt: (config) => doubtReach({ ...config, steps: 1 }),
  start: () => startOf({ start: { kind: "uniform", clip: true } }),
  names: {
    "fgsm-rs": ({ ball }) => {
      // Wong et al. step by 1.25 times the radius.
      const stepSize = String(1.25 * fractionValue(ball.epsilon));
      return { method: "fgsm-rs", ...ball, stepSize };
    },
  },
  create: (config) =>
    fgsmRandomStart({
      threat: threatOf(config),
      stepSize: fractionValue(config.stepSize),
    }),
};
