// MART's terms against PyTorch, and against one example worked out by hand.

import { assertAlmostEquals } from "@std/assert";
import { mart } from "../../../src/methods/objectives/mart.ts";
import { evaluate } from "../../support/evaluate.ts";
import {
  checkRecorded,
  HOOKS,
  totalOf,
  viewsOf,
} from "../../support/recorded_logits.ts";

checkRecorded("mart_bce", {
  build: (views) => mart({ beta: 6 }).terms(views, HOOKS)["boosted"]!,
  wrt: ["adversarial"],
});

checkRecorded("mart_robust", {
  build: (views) => mart({ beta: 1 }).terms(views, HOOKS)["robust"]!,
  wrt: ["clean", "adversarial"],
  // Between close logits: logarithms of about 3 that agree in 3 digits.
  rounding: 2 ** -22,
});

Deno.test("mart() gives the worked value, for either weight", async () => {
  const found = await evaluate([
    { shape: [1, 4], values: [2, -1, .5, .1] },
    { shape: [1, 4], values: [1, .2, .4, -.3] },
    { shape: [1], dtype: "u32", values: [0] },
  ], ([clean, adversarial, labels]) => {
    const logits = {
      clean: clean!,
      adversarial: adversarial!,
      teacher: clean!,
    };
    const views = viewsOf(logits, labels!);
    return [5, 6].map((beta) => totalOf(mart({ beta }), views));
  });
  for (const [who, [five, six]] of Object.entries(found)) {
    assertAlmostEquals(five![0]!, 1.373437, 2e-6, who);
    assertAlmostEquals(six![0]!, 1.428801, 2e-6, who);
  }
});
