// Accuracy on corrupted images against NumPy's, on a folder that NumPy wrote.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { openCorruptions } from "../../src/data/corruptions.ts";
import { evaluateCorruptions } from "../../src/evaluation/corruption_accuracy.ts";
import {
  corruptionResult,
  corruptionRows,
} from "../../src/runs/corruption_result.ts";
import { testDevice } from "../support/check_op.ts";
import { LinearClassifier } from "../support/linear_classifier.ts";

const FOLDER = new URL("../fixtures/corruptions/", import.meta.url).pathname;
const EXPECTED: Record<string, number[]> = JSON.parse(
  Deno.readTextFileSync(`${FOLDER}expected.json`),
);

async function evaluated(limit?: number) {
  const network = new LinearClassifier(4);
  const images = await openCorruptions(FOLDER, {
    title: "Tiny",
    shape: { channels: 3, height: 4, width: 4 },
    classes: 4,
  });
  return await evaluateCorruptions({
    device: await testDevice(),
    network: {
      name: "student",
      network,
      upload: (memory) => memory.write(network.weight, network.values),
    },
    images,
    batchSize: 3,
    limit,
  });
}

Deno.test("evaluateCorruptions() counts by corruption and severity what NumPy counts", async () => {
  assertEquals(await evaluated(), { correct: EXPECTED, count: 4 });
});

Deno.test("evaluateCorruptions() of fewer images takes the first ones of each severity", async () => {
  const { correct, count } = await evaluated(1);
  assertEquals(count, 1);
  const all = Object.entries(correct).flatMap(([name, counts]) =>
    counts.map((right, i) => [right, EXPECTED[name]![i]!])
  );
  assertEquals(all.length, 80);
  for (const [one, four] of all) {
    assertEquals(one! <= four! && four! <= one! + 3, true);
  }
});

Deno.test("corruptionResult() leaves the four further corruptions out of the mean", () => {
  const result = corruptionResult({ correct: EXPECTED, count: 4 });
  const { spatter, ...standard } = EXPECTED;
  const counts = Object.values(standard).flat();
  assertEquals(counts.length, 75);
  const mean = 25 * counts.reduce((sum, one) => sum + one, 0) / 75;
  assertAlmostEquals(result.mean, mean, 1e-9);
  assertEquals(result.accuracies["spatter"], spatter!.map((n) => 25 * n));
  const rows = corruptionRows(result);
  assertEquals(rows.at(-1)!.at(-1), mean.toFixed(2));
  assertEquals(rows.map(([name]) => name).slice(-3), [
    "jpeg compression",
    "(spatter)",
    "mean of the 15",
  ]);
});
