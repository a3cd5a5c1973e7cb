// Which terms smoothed labels touch: the cross-entropy with labels in each objective, and
// nothing else of it.

import { assertAlmostEquals } from "@std/assert";
import type { Objective } from "../../src/methods/objective.ts";
import { alp } from "../../src/methods/objectives/alp.ts";
import { gairat } from "../../src/methods/objectives/gairat.ts";
import { lbgat } from "../../src/methods/objectives/lbgat.ts";
import { mart } from "../../src/methods/objectives/mart.ts";
import { standard } from "../../src/methods/objectives/standard.ts";
import { trades } from "../../src/methods/objectives/trades.ts";
import { vanillaAt } from "../../src/methods/objectives/vanilla_at.ts";
import { Signals, SURVIVAL_RATE } from "../../src/methods/signal.ts";
import type { Views } from "../../src/methods/views.ts";
import { smoothedTargets } from "../../src/nn/losses.ts";
import { fill } from "../../src/ops/fill.ts";
import { evaluate } from "../support/evaluate.ts";
import { totalOf, viewsOf } from "../support/recorded_logits.ts";

const CLEAN = [[2, -1, 0.5, 0.1], [0, 1, -1, 3]];
const ADVERSARIAL = [[1, 0.2, 0.4, -0.3], [-2, 0.5, 1, 1.5]];
const LABELS = [0, 2];
const SMOOTHING = 0.2;

/** Smoothed less plain cross-entropy, of the batch's mean. */
function change(logits: readonly (readonly number[])[]): number {
  const changes = logits.map((row, n) => {
    const sum = row.reduce((sum, z) => sum + Math.exp(z), 0);
    const losses = row.map((z) => Math.log(sum) - z);
    const mean = losses.reduce((a, b) => a + b, 0) / row.length;
    return SMOOTHING * (mean - losses[LABELS[n]!]!);
  });
  return (changes[0]! + changes[1]!) / 2;
}

const base = { kind: "vanilla-at" } as const;
const OBJECTIVES: readonly (readonly [Objective, number])[] = [
  [standard(), change(CLEAN)],
  [vanillaAt(), change(ADVERSARIAL)],
  [trades({ beta: 6 }), change(CLEAN)],
  [mart({ beta: 6 }), change(ADVERSARIAL)],
  [alp({ weight: 1 }), (change(CLEAN) + change(ADVERSARIAL)) / 2],
  // In the first epoch all examples count alike.
  [gairat({ lambda: -1, fromEpoch: 2 }), change(ADVERSARIAL)],
  [lbgat({ base, detach: false }), change(ADVERSARIAL)],
  [lbgat({ base: { kind: "trades", beta: 6 }, detach: false }), 0],
];

for (const [objective, expected] of OBJECTIVES) {
  Deno.test(`smoothed labels change the loss of ${objective.name} by ${expected}`, async () => {
    const found = await evaluate([
      { shape: [2, 4], values: CLEAN.flat() },
      { shape: [2, 4], values: ADVERSARIAL.flat() },
      { shape: [2], dtype: "u32", values: LABELS },
    ], ([clean, adversarial, labels]) => {
      const signals = new Signals();
      const { graph } = labels!;
      signals.record(SURVIVAL_RATE, fill(graph, { shape: [2], value: 0.5 }));
      const logits = {
        clean: clean!,
        adversarial: adversarial!,
        teacher: clean!,
      };
      const plain = viewsOf(logits, labels!, signals);
      const targets = smoothedTargets(labels!, {
        classes: 4,
        smoothing: SMOOTHING,
      });
      const smoothed = Object.create(plain, { targets: { value: targets } });
      return [plain, smoothed as Views]
        .map((views) => totalOf(objective, views));
    });
    for (const [who, [hard, soft]] of Object.entries(found)) {
      assertAlmostEquals(soft![0]! - hard![0]!, expected, 2e-6, who);
    }
  });
}
