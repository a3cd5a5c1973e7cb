import { assert, assertEquals } from "@std/assert";
import type { AttackConfig } from "../../src/config/experiment.ts";
import { Evaluator } from "../../src/evaluation/accuracy.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import * as sequence from "../../src/base/random_sequence.ts";
import { testDevice } from "../support/check_op.ts";
import { LinearClassifier } from "../support/linear_classifier.ts";

const ITERATION = {
  norm: "l2",
  epsilon: "0.01",
  stepSize: "0.005",
  steps: 2,
  start: { kind: "uniform", clip: true },
} as const;

const ATTACKS: Record<string, AttackConfig | null> = {
  clean: null,
  pgd: { method: "pgd", ...ITERATION },
  restarts: { method: "pgd-restarts", ...ITERATION, restarts: 2, stop: true },
  margin: { method: "cw", ...ITERATION, restarts: 1, stop: false },
};

Deno.test("Evaluator counts images whose gradient is 0 in every step", async () => {
  const count = 30, side = 4;
  const shape = { channels: 3, height: side, width: side } as const;
  const network = new LinearClassifier(2, side);
  // So sure that cross-entropy has no gradient where it is right.
  network.values.forEach((w, i) => network.values[i] = 1e4 * w);
  const bytes = sequence.words(
    { seed: 1, stream: "images", step: 0 },
    count * network.featureSize,
  );
  const images = Uint8Array.from(bytes, (word) => word % 256);
  const labels = new Uint8Array(count);
  const data = new ResidentSplit("test", { count, shape });
  using memory = new Memory(await testDevice());
  memory.write(network.weight, network.values);
  data.upload(memory, { images, labels, count });
  const options = { network, data, attacks: ATTACKS, batchSize: 12, seed: 1 };
  using evaluator = await Evaluator.create(memory, options);
  const found = await evaluator.run();
  const { correct } = found["clean"]!;
  assert(correct > 0 && correct < count);
  const sure = { correct, count, zeroGradient: correct };
  assertEquals(found, {
    clean: { correct, count },
    pgd: sure,
    restarts: sure,
    margin: found["margin"]!,
  });
  assertEquals(found["margin"]!.zeroGradient, undefined);
});
