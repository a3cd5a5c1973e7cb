// The fast gradient sign method (Goodfellow et al., 2015) and its variant with a
// random start for training (Wong et al., 2020): PGD with a single step.

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
  { threat, stepSize }: {
    readonly threat: ThreatModel;
    readonly stepSize: number;
  },
): Attack {
  const start = { kind: "uniform", clip: true } as const;
  return { ...pgd({ threat, steps: 1, stepSize, start }), name: "fgsm-rs" };
}
