// Runs an attack several times with different random numbers and keeps, for each image,
// the result with the largest surrogate. This is the surrogate that the attack is given,
// cross-entropy in an evaluation, even if the attack maximizes another loss, as `cw`
// does.

import { boolean, type Fields, whole } from "../../base/fields.ts";
import type { AttackKind, MethodConfig } from "../kind.ts";
import {
  checkBall,
  doubtReach,
  ITERATION,
  type IterationConfig,
  iterationOf,
  namedIteration,
  type NamedSetting,
  startOf,
} from "./iteration.ts";
import { pgd } from "./pgd.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { less, where } from "../../ops/pointwise.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import type { Attack } from "../attack.ts";

/** The best of several runs of an attack; of equal ones, the last. */
export function restarted(
  attack: Attack,
  { restarts }: { readonly restarts: number },
): Attack {
  if (!Number.isSafeInteger(restarts) || restarts < 1) {
    throw new RangeError(
      `Cannot restart ${attack.name}: expected at least 1 run but found ${restarts}`,
    );
  }
  if (restarts === 1) return attack;
  return {
    name: `${attack.name}-${restarts}`,
    maximize(surrogate, inputs) {
      const run = (restart: number): Tensor => {
        const { random } = inputs;
        // The first run draws what the attack alone would draw.
        const stream = restart ? `${random.stream}/${restart}` : random.stream;
        const own = { ...inputs, random: { ...random, stream } };
        return attack.maximize(surrogate, own);
      };
      let best = run(0);
      let most = surrogate(best);
      for (let restart = 1; restart < restarts; restart++) {
        const found = run(restart);
        const value = surrogate(found);
        const worse = less(value, most);
        const rank = found.shape.length;
        best = where(trailingAxes(worse, rank), { yes: best, no: found });
        most = where(worse, { yes: most, no: value });
      }
      return best;
    },
  };
}

/** The budget of an attack that is run several times. */
export interface RestartsConfig extends IterationConfig {
  /** Runs, of which each image keeps the one with the largest cross-entropy. */
  readonly restarts: number;
  /** Whether an image stays where it is once it is misclassified. */
  readonly stop: boolean;
}

/** The fields of a {@linkcode RestartsConfig}. */
export const RESTARTS: Fields<RestartsConfig> = {
  ...ITERATION,
  restarts: whole({
    least: 1,
    ceiling: 10_000,
    about: "runs, of which each image keeps the best",
  }),
  stop: boolean({ about: "whether an image stays once it is misclassified" }),
};

/** PGD with restarts as a kind. */
export const PGD_RESTARTS: AttackKind<
  MethodConfig<"pgd-restarts", RestartsConfig>
> = {
  method: "pgd-restarts",
  about: "PGD from several random starts",
  fields: RESTARTS,
  needs: { labels: true },
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  names: {
    "pgd-STEPS": (setting, steps) =>
      setting.stop ? namedRestarts(setting, [steps!, 1]) : null,
    "pgd-STEPS-RESTARTS": (setting, steps, restarts) =>
      namedRestarts(setting, [steps!, restarts!]),
  },
  create: (config) =>
    restarted(pgd({ ...iterationOf(config), stop: config.stop }), config),
};

/** Misclassified images stay, as where this evaluation comes from (Wong et al., 2020). */
function namedRestarts(
  setting: NamedSetting,
  [steps, restarts]: readonly [number, number],
): MethodConfig<"pgd-restarts", RestartsConfig> | null {
  const iteration = namedIteration(setting, steps);
  return { method: "pgd-restarts", ...iteration, restarts, stop: true };
}
