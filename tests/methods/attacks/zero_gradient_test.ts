import { assertEquals } from "@std/assert";
import type { Attack } from "../../../src/methods/attack.ts";
import { mim } from "../../../src/methods/attacks/mim.ts";
import { pgd } from "../../../src/methods/attacks/pgd.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/nn/losses.ts";
import {
  LinearClassifier,
  linearExamplesAt,
} from "../../support/linear_classifier.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";

/** What an attack notes of two images whose logits are so far apart. */
async function noted(attack: Attack, apart: number): Promise<number[]> {
  const network = new LinearClassifier(2);
  const at = { count: 2, norm: "l2", radius: 1, apart } as const;
  const { images, labels } = linearExamplesAt(network, at);
  const x = new Variable("x", [2, ...network.extent]);
  const y = new Variable("y", [2], "u32");
  const [step, zero] = u32Scalar("step", 0);
  const found = await runOnDevice([
    [x, images],
    [y, labels],
    [step, zero],
    [network.weight, network.values],
  ], (graph) => {
    const notes: Tensor[] = [];
    const logits = (images: Tensor) => network.call(images).logits;
    const adversarial = attack.maximize((x) => crossEntropy(logits(x), y), {
      images: graph.read(x),
      labels: graph.read(y),
      logits,
      random: { seed: 1, stream: "attack", step: graph.read(step) },
      noteZeroGradient: (zero) => notes.push(zero),
    });
    return [...notes, adversarial];
  });
  return found.slice(0, -1).flatMap((bytes) => [...new Float32Array(bytes)]);
}

for (const threat of [l2(0.1), linf(0.01)]) {
  const budget = {
    threat,
    steps: 3,
    stepSize: threat.epsilon / 2,
    start: { kind: "clean" },
  } as const;
  for (const attack of [pgd(budget), mim({ ...budget, decay: 1 })]) {
    Deno.test(`${attack.name} in ${threat.norm} notes where cross-entropy has no gradient in 32 bits`, async () => {
      assertEquals(await noted(attack, 39), [0, 0]);
      assertEquals(await noted(attack, 200), [1, 1]);
    });
  }
}

Deno.test("what PGD lets be once it is misclassified is not without a gradient", async () => {
  const attack = pgd({
    threat: l2(2),
    steps: 3,
    stepSize: 2,
    start: { kind: "clean" },
    stop: true,
  });
  assertEquals(await noted(attack, 5), [0, 0]);
});
