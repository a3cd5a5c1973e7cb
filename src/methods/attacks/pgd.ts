// Projected gradient descent (Madry et al., 2018), as ascent on a surrogate:
//
//   x_0 = start,   x_{k+1} = clip(project(x_k + a steepest(grad surrogate(x_k))))
//
// where steepest is the sign under the maximum norm and the normalized gradient
// under the Euclidean one. The last iterate is returned, not the best. The share of
// x_0 ... x_{K-1} that were still classified correctly is recorded as the survival
// rate; a step whose objective does not read it does not compute it.

import { checked } from "../../base/check_fields.ts";
import type { AttackKind, MethodConfig } from "../kind.ts";
import {
  type AttackStart,
  checkBall,
  doubtReach,
  ITERATION,
  type IterationConfig,
  iterationOf,
  namedIteration,
  startOf,
} from "./iteration.ts";
import { fill } from "../../ops/fill.ts";
import { grad } from "../../ops/grad.ts";
import { correct } from "../../ops/loss/margin.ts";
import { add, clamp, mulScalar, multiply } from "../../ops/pointwise.ts";
import { normal } from "../../ops/random/random.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import { SURVIVAL_RATE } from "../signal.ts";
import type { ThreatModel } from "../threat_model.ts";
import { watchGradients } from "./zero_gradient.ts";

export type { AttackStart };

/** The budget of {@linkcode pgd}. */
export interface PgdOptions {
  /** How far an image may move, and in which norm. */
  readonly threat: ThreatModel;
  /** Steps of ascent, each a forward and a backward pass. */
  readonly steps: number;
  /** Length of a step in the norm of the threat model. */
  readonly stepSize: number;
  /** Where the search begins. */
  readonly start: AttackStart;
  /**
   * Whether an image stays where it is once it is misclassified, as in Wong et al.
   * (2020); otherwise, and if left out, all take every step.
   */
  readonly stop?: boolean;
}

/** PGD with the given budget. */
export function pgd(options: PgdOptions): Attack {
  const { threat, steps, stepSize, start, stop = false } = checked(
    PGD,
    options,
  );
  return {
    name: `pgd-${steps}`,
    maximize(surrogate, inputs) {
      const { images } = inputs;
      const { graph } = images;
      const iterate = graph.state("adversarial", images.shape);
      store(startingPoint(inputs, { threat, start }), iterate);
      const survival = inputs.record && countSurvival(inputs);
      const watch = watchGradients(inputs);
      graph.repeat(steps, () => {
        const x = graph.read(iterate);
        const [slope] = grad(surrogate(x), [x]);
        const gradient = stop ? onlyWhereRight(slope!, x, inputs) : slope!;
        watch?.see(slope!);
        survival?.count(x);
        threat.ascend(iterate, { clean: images, gradient, stepSize });
      });
      watch?.note();
      if (survival) inputs.record!(SURVIVAL_RATE, survival.share(steps));
      return graph.read(iterate);
    },
  };
}

/** A gradient that is 0 for the images that are misclassified, so that they stay. */
function onlyWhereRight(
  gradient: Tensor,
  x: Tensor,
  { logits, labels }: AttackInputs,
): Tensor {
  const right = correct(logits(x), labels);
  return multiply(gradient, trailingAxes(right, gradient.shape.length));
}

/** Counts how many iterates of each example are classified correctly. */
function countSurvival({ images, labels, logits }: AttackInputs) {
  const { graph } = images;
  const survived = graph.state("survived", labels.shape);
  store(fill(graph, { shape: labels.shape, value: 0 }), survived);
  return {
    count: (x: Tensor) =>
      store(add(survived, correct(logits(x), labels)), survived),
    share: (steps: number) =>
      mulScalar(graph.read(survived), 1 / Math.max(steps, 1)),
  };
}

/** Images to start an attack from. */
export function startingPoint(
  { images, random }: Pick<AttackInputs, "images" | "random">,
  { threat, start }: {
    readonly threat: ThreatModel;
    readonly start: AttackStart;
  },
): Tensor {
  switch (start.kind) {
    case "clean":
      return images;
    case "uniform": {
      const sampled = threat.sample(images, random);
      return start.clip ? clamp(sampled, { low: 0, high: 1 }) : sampled;
    }
    case "gaussian":
      return add(images, normal(random, images.shape, { scale: start.scale }));
  }
}

/** PGD as a kind. */
export const PGD: AttackKind<MethodConfig<"pgd", IterationConfig>> = {
  method: "pgd",
  about: "projected gradient descent",
  fields: ITERATION,
  needs: { labels: false },
  signal: "survival",
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  names: {
    "pgd-STEPS": (setting, steps) => {
      // Where images stay, `PGD_RESTARTS` has the name.
      if (setting.stop) return null;
      const iteration = namedIteration(setting, steps!);
      return { method: "pgd", ...iteration };
    },
  },
  create: (config) => pgd(iterationOf(config)),
};
