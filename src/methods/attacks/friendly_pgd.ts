// Friendly adversarial training's attack (FAT, Zhang et al., 2020): PGD that stops
// tau steps after an example is first misclassified, so that training sees the mildest
// images that are still adversarial,
//
//   x_{k+1} = clip(project(x_k + a sign(grad surrogate(x_k)) + omega n)),  n normal
//
// while x_k is classified correctly or was misclassified at most tau times before.
// tau rises during training: 0 up to epoch 50, 1 up to 90, then 2 in the paper's 120.

import { checked } from "../../base/check_fields.ts";
import { list, number, whole } from "../../base/fields.ts";
import type { AttackKind } from "../kind.ts";
import {
  checkBall,
  doubtReach,
  ITERATION,
  type IterationConfig,
  iterationOf,
  startOf,
} from "./iteration.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { correct } from "../../ops/loss/margin.ts";
import { add, addScalar, less, negate } from "../../ops/pointwise.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import { earlyStoppedPgd } from "./early_stopped_pgd.ts";
import type { PgdOptions } from "./pgd.ts";

/** PGD's budget, and how friendly it is. */
export interface FriendlyPgdOptions extends PgdOptions {
  /** omega, the standard deviation of the noise in each step: 0.001 in the paper. */
  readonly noise: number;
  /** Epochs after each of which tau rises by 1, from 0: 50 and 90 in the paper. */
  readonly tauRises: readonly number[];
}

/** PGD that stops soon after the first mistake; outside training at the last tau. */
export function friendlyPgd(options: FriendlyPgdOptions): Attack {
  checked(FRIENDLY_PGD, options);
  return earlyStoppedPgd({
    ...options,
    name: `friendly pgd-${options.steps}`,
    enough: (logits, { labels }) =>
      addScalar(negate(correct(logits, labels)), 1),
    patience: (inputs) => tau(inputs, options),
  });
}

/** The number of epochs in `tauRises` that are over. */
function tau(
  { images: { graph }, epoch }: AttackInputs,
  { tauRises }: FriendlyPgdOptions,
): Tensor {
  const scalar = (value: number) => fill(graph, { shape: [], value });
  if (!epoch) return scalar(tauRises.length);
  return tauRises.reduce(
    (sum, rise) => add(sum, less(scalar(rise), epoch)),
    scalar(0),
  );
}

/** FAT's attack in an experiment. */
export interface FriendlyPgdConfig extends IterationConfig {
  /** Tells it from other attacks. */
  readonly method: "friendly-pgd";
  /** Standard deviation of the noise in each step. */
  readonly noise: number;
  /** Epochs after each of which it takes one step more behind the first mistake. */
  readonly tauRises: readonly number[];
}

/** FAT's attack as a kind. */
export const FRIENDLY_PGD: AttackKind<FriendlyPgdConfig> = {
  method: "friendly-pgd",
  about: "PGD that stops soon after the first mistake",
  fields: {
    ...ITERATION,
    noise: number({ least: 0, about: "standard deviation in each step" }),
    tauRises: list(whole({ least: 0, ceiling: 10_000 }), {
      about: "epochs after each of which it takes one step more",
      unreached(rises: readonly number[], epochs) {
        const late = rises.filter((rise) => rise >= epochs);
        return late.length === 0 ? null : "The attack does not wait longer " +
          `after epoch ${
            late.join(" and ")
          }: the run ends with epoch ${epochs}`;
      },
    }),
  },
  needs: { labels: true },
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  create: ({ noise, tauRises, ...config }) =>
    friendlyPgd({ ...iterationOf(config), noise, tauRises }),
};
