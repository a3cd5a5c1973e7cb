// PGD from a start that a test gives: fixtures and closed forms need one that is not
// drawn. All but the start is what `pgd` does in every iteration.

import type { Attack } from "../../src/methods/attack.ts";
import type { ThreatModel } from "../../src/methods/threat_model.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import { store } from "../../src/ops/store.ts";

/** The budget of an attack, and where it starts. */
export interface GivenStart {
  readonly threat: ThreatModel;
  readonly steps: number;
  readonly stepSize: number;
  readonly start: Tensor;
}

/** PGD from the given images. */
export function pgdFrom(
  { threat, steps, stepSize, start }: GivenStart,
): Attack {
  return {
    name: "pgd from a given start",
    maximize(surrogate, { images }) {
      const { graph } = images;
      const iterate = graph.state("adversarial", images.shape);
      store(start, iterate);
      graph.repeat(steps, () => {
        const x = graph.read(iterate);
        const [gradient] = grad(surrogate(x), [x]);
        threat.ascend(iterate, {
          clean: images,
          gradient: gradient!,
          stepSize,
        });
      });
      return graph.read(iterate);
    },
  };
}
