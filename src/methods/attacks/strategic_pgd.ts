// PGD under the maximum norm in which every example has a radius, a step size and a
// number of steps of its own, which the objective chose (LAS, Jia et al., 2022):
//
//   x_{k+1} = clip(x + clamp_i(x_k + a_i [k < K_i] sign(grad surrogate(x_k)) - x))
//
// where clamp_i limits to epsilon_i. All examples stay in the batch: one that has taken
// its steps waits for the others.

import { checked } from "../../base/check_fields.ts";
import { whole } from "../../base/fields.ts";
import { type Fraction, fractionValue } from "../../base/fraction.ts";
import type { AttackKind } from "../kind.ts";
import { checkBall, RADIUS, START, startOf } from "./iteration.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { grad } from "../../ops/grad.ts";
import {
  add,
  addScalar,
  clamp,
  less,
  maximum,
  multiply,
  negate,
  sign,
  subtract,
} from "../../ops/pointwise.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import { type AttackStart, startingPoint } from "./pgd.ts";
import { ATTACK_STRATEGY, type AttackStrategy } from "../signal.ts";
import { linf } from "../threat_model.ts";

/** The options that all examples share. */
export interface StrategicPgdOptions {
  /** Where the search begins. */
  readonly start: AttackStart;
  /** The radius of the ball that a uniform start is drawn from. */
  readonly startEpsilon: number;
  /** The most steps that an example may have. */
  readonly steps: number;
}

/**
 * PGD with a budget for each example.
 *
 * @throws {TypeError} on tracing, if the objective chose no strategy.
 */
export function strategicPgd(options: StrategicPgdOptions): Attack {
  const { start, startEpsilon, steps } = checked(STRATEGIC_PGD, options);
  return {
    name: `strategic pgd-${steps}`,
    maximize(surrogate, inputs) {
      const { images } = inputs;
      const { graph, shape: { length: rank } } = images;
      const strategy = strategyFrom(inputs);
      const epsilon = trailingAxes(strategy.epsilon, rank);
      const stepSize = trailingAxes(strategy.stepSize, rank);
      const threat = linf(startEpsilon);
      const iterate = graph.state("adversarial", images.shape);
      const left = graph.state("steps left", [images.shape[0]!]);
      store(startingPoint(inputs, { threat, start }), iterate);
      store(strategy.steps, left);
      graph.repeat(steps, () => {
        const x = graph.read(iterate);
        const [gradient] = grad(surrogate(x), [x]);
        const moves = less(fill(graph, { shape: [], value: 0.5 }), left);
        const step = multiply(stepSize, trailingAxes(moves, rank));
        const moved = add(x, multiply(step, sign(gradient!)));
        const difference = limited(subtract(moved, images), epsilon);
        store(clamp(add(images, difference), { low: 0, high: 1 }), iterate);
        store(addScalar(graph.read(left), -1), left);
      });
      return graph.read(iterate);
    },
  };
}

function strategyFrom({ read }: AttackInputs): AttackStrategy {
  if (read) return read(ATTACK_STRATEGY);
  throw new TypeError(
    "Cannot attack by a strategy: expected an objective that chooses one but " +
      "found none",
  );
}

/** x clamped to [-bound, bound]; NaN stays NaN, as `maximum` keeps it. */
function limited(x: Tensor, bound: Tensor): Tensor {
  const least = negate(bound);
  return negate(maximum(negate(maximum(x, least)), least));
}

/** PGD with a strategy for each example, in an experiment. */
export interface StrategicPgdConfig {
  /** Tells it from other attacks. */
  readonly method: "strategic-pgd";
  /** The radius of a uniform start. */
  readonly epsilon: Fraction;
  /** Where the search begins. */
  readonly start: AttackStart;
  /** The most steps that an image may have. */
  readonly steps: number;
}

/** PGD with a strategy for each example as a kind. */
export const STRATEGIC_PGD: AttackKind<StrategicPgdConfig> = {
  method: "strategic-pgd",
  about: "PGD by a strategy that the objective chooses for every image",
  fields: {
    epsilon: RADIUS,
    start: START,
    steps: whole({
      least: 1,
      ceiling: 10_000,
      about: "the most steps of an image",
    }),
  },
  needs: { labels: false },
  signal: "strategy",
  check: ({ epsilon }) => checkBall({ norm: "linf", epsilon }),
  start: startOf,
  create: ({ epsilon, start, steps }) =>
    strategicPgd({ start, steps, startEpsilon: fractionValue(epsilon) }),
};
