// The attack that adversarial training papers call C&W: the margin loss of Carlini
// and Wagner (2017) inside projected gradient descent. It maximizes
//
//   max over c other than y of z_c, - z_y
//
// with no bound on the margin (kappa is infinite), whatever surrogate it is given:
// cross-entropy saturates where a network is sure, and the margin does not.

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
