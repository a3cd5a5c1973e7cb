// The single-step attacks are PGD of one step, with the lengths that their papers
// take.

import { assert, assertEquals } from "@std/assert";
import { fgsm, fgsmRandomStart } from "../../../src/methods/attacks/fgsm.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { multiply } from "../../../src/ops/pointwise.ts";
import type { UniformParams } from "../../../src/ops/random/random.ts";
import { sum } from "../../../src/ops/reduce/reduce.ts";
import { assertClose } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";
import { blindInputs } from "../../support/blind_inputs.ts";

const IMAGES = Float32Array.of(0, 0.2, 0.5, 0.7, 1, 0.95);
const WEIGHTS = Float32Array.of(-1, 2, 0, -3, 0.5, 1);
const SHAPE = [1, 1, 2, 3];

Deno.test("fgsm() moves once by the radius to the worst case of a linear surrogate", async () => {
  const length = Math.hypot(...WEIGHTS);
  const expected = {
    linf: IMAGES.map((x, i) => x + 0.1 * Math.sign(WEIGHTS[i]!)),
    l2: IMAGES.map((x, i) => x + 0.1 * WEIGHTS[i]! / length),
  };
  for (const threat of [linf(0.1), l2(0.1)]) {
    const [x, w] = ["x", "w"].map((name) => new Variable(name, SHAPE));
    const step = new Variable("step", [], "u32");
    const [bytes] = await runOnDevice(
      [[x!, IMAGES], [w!, WEIGHTS]],
      (graph) => [
        fgsm({ threat }).maximize(
          (images) => sum(multiply(images, w!), { start: 1 }),
          blindInputs({
            images: graph.read(x!),
            random: { seed: 1, stream: "attack", step: graph.read(step) },
          }),
        ),
      ],
    );
    const clipped = expected[threat.norm].map((v) =>
      Math.min(1, Math.max(0, v))
    );
    assertClose(new Float32Array(bytes!), clipped, {
      what: threat.norm,
      tolerance: 1e-6,
    });
  }
});

Deno.test("fgsm() and fgsmRandomStart() differentiate once and name themselves", () => {
  const threat = linf(8 / 255);
  const attacks = [
    fgsm({ threat }),
    fgsmRandomStart({ threat, stepSize: 0.04 }),
  ];
  assertEquals(attacks.map(({ name }) => name), ["fgsm", "fgsm-rs"]);
  for (const attack of attacks) {
    const graph = new Graph();
    const images = graph.read(new Variable("x", SHAPE));
    const step = graph.read(new Variable("step", [], "u32"));
    let surrogates = 0;
    attack.maximize((x) => {
      surrogates++;
      return sum(x, { start: 1 });
    }, blindInputs({ images, random: { seed: 1, stream: "attack", step } }));
    assertEquals(surrogates, 1);
    const ascents = graph.nodes.filter(({ op }) => op.name === "ascend_linf");
    assertEquals(ascents.map(({ loop }) => loop?.count), [1]);
    const draws = graph.nodes.filter(({ op }) => op.name === "uniform");
    assertEquals(draws.length, attack.name === "fgsm" ? 0 : 1);
    for (const { params } of draws) {
      const { low, high } = params as UniformParams;
      assertEquals([low, high], [-threat.epsilon, threat.epsilon]);
    }
    const [{ params }] = ascents as [typeof ascents[number]];
    assertEquals(params, {
      epsilon: threat.epsilon,
      stepSize: attack.name === "fgsm" ? threat.epsilon : 0.04,
    });
    assert(graph.states.size === 1);
  }
});
