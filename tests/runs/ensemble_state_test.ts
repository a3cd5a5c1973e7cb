import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  estimatedPasses,
  squareWarning,
  stages,
  survivors,
} from "../../src/runs/ensemble_state.ts";

const VERDICTS = ["clean", null, "apgd-ce", null, "square", "square", null];

Deno.test("stages() counts what is left after each attack", () => {
  const count = 7;
  assertEquals(stages(VERDICTS, ["apgd-ce", "fab-t", "square"]), [
    { name: "clean", correct: 6, count },
    { name: "apgd-ce", correct: 5, count },
    { name: "fab-t", correct: 5, count },
    { name: "square", correct: 3, count },
  ]);
  assertEquals(survivors(VERDICTS), [1, 3, 6]);
});

Deno.test("squareWarning() warns of more than 0.2 points, after another attack", () => {
  const results = (lost: number) => [
    { name: "clean", correct: 900, count: 1000 },
    { name: "apgd-ce", correct: 500, count: 1000 },
    { name: "square", correct: 500 - lost, count: 1000 },
  ];
  assertEquals(squareWarning(results(2)), null);
  assertStringIncludes(squareWarning(results(3))!, "by 0.3 points");
  assertEquals(squareWarning([results(3)[0]!, results(3)[2]!]), null);
  assertEquals(squareWarning(results(3).slice(0, 2)), null);
});

Deno.test("estimatedPasses() gives the published estimate of the standard version", () => {
  // 10,000 images, 82 % right and about 48 % robust: 47 million, of which Auto-PGD
  // takes 1.7 and 8.6, FAB-T 13 and Square 24.
  const results = [
    { name: "clean", correct: 8200, count: 10_000 },
    { name: "square", correct: 4800, count: 10_000 },
  ];
  const costs = [202, 9 * 203, 9 * 301, 5001]
    .map((passes, i) => ({ name: `${i}`, passes }));
  const millions = estimatedPasses(results, costs) / 1e6;
  assertEquals(Math.round(millions), 47);
});
