// The attack that adversarial training papers call C&W: the margin loss of Carlini
// and Wagner (2017) inside projected gradient descent. It maximizes
//
//   max over c other than y of z_c, - z_y
//
// with no bound on the margin (kappa is infinite), whatever surrogate it is given:
// cross-entropy saturates where a network is sure, and the margin does not.

import type { AttackKind, MethodConfig } from "../kind.ts";
import {
  checkBall,
  doubtReach,
  iterationOf,
  namedIteration,
  type NamedSetting,
  startOf,
} from "./iteration.ts";
import { restarted, RESTARTS, type RestartsConfig } from "./restarted.ts";
import { margin } from "../../ops/loss/margin.ts";
import type { Attack } from "../attack.ts";
import { pgd, type PgdOptions } from "./pgd.ts";

/** PGD on the margin. */
export function cw(options: PgdOptions): Attack {
  const attack = pgd(options);
  return {
    name: `cw-${options.steps}`,
    maximize: (_, inputs) =>
      attack.maximize(
        (images) => margin(inputs.logits(images), inputs.labels),
        inputs,
      ),
  };
}

/** C&W as a kind. */
export const CW: AttackKind<MethodConfig<"cw", RestartsConfig>> = {
  method: "cw",
  about: "PGD on the margin, from several random starts",
  fields: RESTARTS,
  needs: { labels: true },
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  names: {
    "cw-STEPS": (setting, steps) =>
      namedCw(setting, { steps: steps!, restarts: 1 }),
    "cw-STEPS-RESTARTS": (setting, steps, restarts) =>
      namedCw(setting, { steps: steps!, restarts: restarts! }),
  },
  create: (config) =>
    restarted(cw({ ...iterationOf(config), stop: config.stop }), config),
};

/**
 * C&W in the setting's way: in LBGAT's evaluation all images take every step, in that
 * of LAS an image stays once it is misclassified.
 */
function namedCw(
  setting: NamedSetting,
  { steps, restarts }: { readonly steps: number; readonly restarts: number },
): MethodConfig<"cw", RestartsConfig> | null {
  const iteration = namedIteration(setting, steps);
  const { stop } = setting;
  return { method: "cw", ...iteration, restarts, stop };
}
