// PGD that stops for each example once it is adversarial enough: a condition is checked
// before each step, and an example that met it more often than its patience allows
// does not move again. The condition and the patience are the method's: friendly
// adversarial training and curricula differ in nothing else.
//
// A stopped example stays in the batch, and its gradient is computed but not used. The
// authors' codes take it out of the batch; here that would need a readback in every
// step. The loss of a batch does not depend on its order.

import type { Tensor } from "../../graph/tensor.ts";
import { increment } from "../../ops/counter.ts";
import { fill } from "../../ops/fill.ts";
import { grad } from "../../ops/grad.ts";
import { add, less, multiply, subtract } from "../../ops/pointwise.ts";
import { normal } from "../../ops/random/random.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import { type PgdOptions, startingPoint } from "./pgd.ts";

/** PGD's budget, and when an example stops. */
export interface EarlyStopping extends PgdOptions {
  /** Shown in results. */
  readonly name: string;
  /** Standard deviation of the normal noise that joins every step. */
  readonly noise?: number;
  /** 1 for each example that is adversarial enough, else 0, (N,), from its logits. */
  enough(logits: Tensor, inputs: AttackInputs): Tensor;
  /** How many steps an example still takes while it is, a scalar; 0 if left out. */
  patience?(inputs: AttackInputs): Tensor;
}

/** PGD in which examples stop one by one. */
export function earlyStoppedPgd(options: EarlyStopping): Attack {
  const { name, threat, steps, stepSize, noise = 0 } = options;
  return {
    name,
    maximize(surrogate, inputs) {
      const { images, labels, logits } = inputs;
      const { graph } = images;
      const iterate = graph.state("adversarial", images.shape);
      const patience = graph.state("patience", labels.shape);
      const none = fill(graph, { shape: labels.shape, value: 0 });
      store(startingPoint(inputs, options), iterate);
      store(
        options.patience ? add(none, options.patience(inputs)) : none,
        patience,
      );
      const jitter = noise > 0 ? noiseOf(inputs, noise) : null;
      graph.repeat(steps, () => {
        const x = graph.read(iterate);
        const [gradient] = grad(surrogate(x), [x]);
        const left = subtract(patience, options.enough(logits(x), inputs));
        store(left, patience);
        // 1 while patience lasts, else 0: a gradient of 0 moves nothing.
        const moves = trailingAxes(
          less(fill(graph, SPENT), left),
          images.shape.length,
        );
        if (jitter) store(add(x, multiply(moves, jitter())), iterate);
        threat.ascend(iterate, {
          clean: images,
          gradient: multiply(moves, gradient!),
          stepSize,
        });
      });
      return graph.read(iterate);
    },
  };
}

/** Between the last patience that still moves, 0, and the first that does not, -1. */
const SPENT = { shape: [], value: -0.5 } as const;

/** Noise that differs in every iteration. */
function noiseOf(
  { images, random }: AttackInputs,
  scale: number,
): () => Tensor {
  const { graph, shape } = images;
  const iteration = graph.state("iteration", [], "u32");
  store(fill(graph, { shape: [], value: 0, dtype: "u32" }), iteration);
  const key = { ...random, stream: `${random.stream}/noise` };
  return () => {
    const noise = normal({ ...key, substep: iteration }, shape, { scale });
    increment(graph, iteration);
    return noise;
  };
}
