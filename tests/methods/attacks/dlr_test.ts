// The difference of logits ratio: worked examples, and its invariance.

import { assert } from "@std/assert";
import { dlr, targetedDlr } from "../../../src/methods/attacks/dlr.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { assertClose } from "../../support/check_op.ts";
import { evaluate } from "../../support/evaluate.ts";

const u32 = (values: number[]) =>
  ({ shape: [values.length], dtype: "u32", values }) as const;
const CLEAN = [2, -1, 0.5, 0.1], ADVERSARIAL = [1, 0.2, 0.4, -0.3];

Deno.test("dlr() and targetedDlr() give the worked examples", async () => {
  const found = await evaluate([
    { shape: [2, 4], values: [...CLEAN, ...ADVERSARIAL] },
    u32([0, 0]),
    u32([2, 3]),
  ], ([z, labels, targets]) => [
    dlr(z!, labels!),
    targetedDlr(z!, { labels: labels!, targets: targets! }),
  ]);
  for (const [untargeted, targeted] of [found.device, found.reference]) {
    const close = (values: readonly number[], expected: number[]) =>
      assertClose(values, expected, { what: "ratio", tolerance: 1e-6 });
    close(untargeted!, [-0.789474, -0.75]);
    close(targeted!, [-0.612245, -1.238095]);
  }
});

Deno.test("dlr() is positive where the label is not the largest logit", async () => {
  const found = await evaluate([
    { shape: [1, 4], values: CLEAN },
    u32([2]),
  ], ([z, labels]) => [dlr(z!, labels!)]);
  // The largest is another class: (2 - 0.5) / (2 - 0.1).
  assert(Math.abs(found.device[0]![0]! - 1.5 / 1.9) < 1e-6);
});

// Logits far enough apart that differences do not change their order.
const logits = {
  shape: [3, 5],
  values: [3, -1, 0.5, 2, 0.1, -2, 4, 1, 0, -3, 0.2, 0.7, -0.4, 1.9, 1.2],
};
const labels = u32([0, 4, 2]);
const targets = u32([3, 2, 3]);

checkWithDerivative("dlr()", [{
  name: "(3, 5)",
  inputs: [logits, labels],
  build: ([z, y]) => [dlr(z!, y!)],
}]);
checkWithDerivative("targetedDlr()", [{
  name: "(3, 5)",
  inputs: [logits, labels, targets],
  build: ([z, y, t]) => [targetedDlr(z!, { labels: y!, targets: t! })],
}]);
