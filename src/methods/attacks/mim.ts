// The momentum iterative method (Dong et al., 2018), PGD along an average of
// directions:
//
//   g_{k+1} = decay g_k + grad surrogate(x_k) / |grad surrogate(x_k)|_1
//   x_{k+1} = clip(project(x_k + a steepest(g_{k+1})))

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import type { AttackKind, MethodConfig } from "../kind.ts";
import {
  checkBall,
  doubtReach,
  ITERATION,
  type IterationConfig,
  iterationOf,
  namedIteration,
  startOf,
} from "./iteration.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { SMALLEST_NORMAL } from "../../ops/attack/length.ts";
import { grad } from "../../ops/grad.ts";
import { abs, add, clamp, divide, mulScalar } from "../../ops/pointwise.ts";
import { sum } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { Attack } from "../attack.ts";
import { type PgdOptions, startingPoint } from "./pgd.ts";
import { watchGradients } from "./zero_gradient.ts";

/** The budget of {@linkcode mim}. */
export interface MimOptions
  extends Pick<PgdOptions, "threat" | "steps" | "stepSize" | "start"> {
  /** The part of the direction that a step keeps: 1 in the paper. */
  readonly decay: number;
}

/** PGD with momentum. */
export function mim(options: MimOptions): Attack {
  checked(MIM, options);
  const { threat, steps, stepSize, start, decay } = options;
  return {
    name: `mim-${steps}`,
    maximize(surrogate, inputs) {
      const { images } = inputs;
      const { graph, shape } = images;
      const iterate = graph.state("adversarial", shape);
      const direction = graph.state("direction", shape);
      store(startingPoint(inputs, { threat, start }), iterate);
      store(fill(graph, { shape, value: 0, dtype: "f32" }), direction);
      const watch = watchGradients(inputs);
      graph.repeat(steps, () => {
        const x = graph.read(iterate);
        const [gradient] = grad(surrogate(x), [x]);
        watch?.see(gradient!);
        const kept = mulScalar(graph.read(direction), decay);
        store(add(kept, unitL1(gradient!)), direction);
        threat.ascend(iterate, {
          clean: images,
          gradient: graph.read(direction),
          stepSize,
        });
      });
      watch?.note();
      return graph.read(iterate);
    },
  };
}

/** Each image's gradient over its absolute sum; 0 where it is 0 everywhere. */
function unitL1(gradient: Tensor): Tensor {
  const total = sum(abs(gradient), { start: 1, keep: true });
  return divide(
    gradient,
    clamp(total, { low: SMALLEST_NORMAL, high: Infinity }),
  );
}

/** MIM as a kind. */
export const MIM: AttackKind<
  MethodConfig<"mim", IterationConfig & Pick<MimOptions, "decay">>
> = {
  method: "mim",
  about: "PGD with momentum",
  fields: {
    ...ITERATION,
    decay: number({
      least: 0,
      about: "the part of the direction that a step keeps",
    }),
  },
  needs: { labels: false },
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  names: {
    "mim-STEPS": (setting, steps) => {
      const iteration = namedIteration(setting, steps!);
      return { method: "mim", ...iteration, decay: 1 };
    },
  },
  create: (config) => mim({ ...iterationOf(config), decay: config.decay }),
};
