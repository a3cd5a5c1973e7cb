// GAIRAT's loss against PyTorch for given kappas, its weights against worked vectors,
// and the epoch from which they count.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  gairat,
  geometryWeights,
} from "../../../src/methods/objectives/gairat.ts";
import { evaluate } from "../../support/evaluate.ts";
import { checkRecorded, totalOf } from "../../support/recorded_logits.ts";
import { BATCH, evaluateWorld } from "../../support/students.ts";

for (const lambda of [-1, 0]) {
  checkRecorded(`gairat_lambda_${lambda}`, {
    build: (views) => totalOf(gairat({ lambda, fromEpoch: 1 }), views),
    wrt: ["adversarial"],
  });
}

/** The weights of examples that held for so many of ten steps. */
async function weightsOf(kappa: readonly number[], lambda: number) {
  const rates = kappa.map((steps) => steps / 10);
  const found = await evaluate(
    [{ shape: [kappa.length], values: rates }],
    ([share]) => [geometryWeights(share!, lambda)],
  );
  return [found.device[0]!, found.reference[0]!];
}

Deno.test("geometryWeights() gives the worked values", async () => {
  const worked = {
    [-1]: [2.499154, 2.201986, .298006, .000838, .000015],
    0: [2.012397, 1.976291, 1.006244, .004976, .000091],
  };
  for (const [lambda, expected] of Object.entries(worked)) {
    for (const found of await weightsOf([0, 3, 5, 8, 10], Number(lambda))) {
      found.forEach((weight, i) =>
        assertAlmostEquals(weight, expected[i]!, 1e-6)
      );
    }
  }
});

Deno.test("geometryWeights() are 1 where all examples are alike, broken or not", async () => {
  for (const kappa of [[0, 0], [10, 10], [10, 10, 10], [4]]) {
    for (const found of await weightsOf(kappa, -1)) {
      for (const weight of found) assertAlmostEquals(weight, 1, 1e-6);
    }
  }
});

Deno.test("gairat() weighs examples from its epoch on, and no gradient reaches the weights", async () => {
  const objective = gairat({ lambda: -1, fromEpoch: 60 });
  const [before, from] = await Promise.all([59, 60].map(async (epoch) => {
    const found = await evaluateWorld({ epoch }, ({ views, hooks }) => ({
      term: objective.terms(views, hooks)["adversarial"]!,
      losses: objective.surrogate!(views),
    }));
    return { term: found["term"]![0]!, losses: found["losses"]! };
  }));
  const rates = Array.from({ length: BATCH }, (_, i) => i / (BATCH - 1));
  const raw = rates.map((s) => (1 + Math.tanh(-1 + 5 * (1 - 2 * s))) / 2);
  const total = raw.reduce((a, b) => a + b);
  const plain = before!.losses.reduce((a, b) => a + b) / BATCH;
  const weighted = from!.losses.reduce(
    (sum, loss, i) => sum + loss * raw[i]! / total,
    0,
  );
  assertAlmostEquals(before!.term, plain, 1e-5);
  assertAlmostEquals(from!.term, weighted, 1e-5);
  assertEquals(before!.losses, from!.losses);
});
