// A result card with every part that a card can have.

import type {
  AttackConfig,
  ReportedResult,
} from "../../src/config/experiment.ts";
import {
  type CardMeasurements,
  networkResult,
  type ResultCard,
  resultCard,
} from "../../src/runs/result_card.ts";
import { EXAMPLE } from "./example_experiment.ts";

/** PGD-20 as TRADES evaluates with it, and a cheaper attack. */
export const ATTACKS: Readonly<Record<string, AttackConfig>> = {
  "pgd-20": {
    method: "pgd",
    norm: "linf",
    epsilon: "0.031",
    stepSize: "0.003",
    steps: 20,
    start: { kind: "gaussian", scale: 0.001 },
  },
  fgsm: { method: "fgsm", norm: "linf", epsilon: "8/255" },
};

export const REPORTED: ReportedResult = {
  source: "Table 1, TRADES + Ours",
  clean: 87.3,
  pgd20: 58.2,
  autoAttack: 53.09,
};

/** What the example's run measured. */
export const MEASURED: CardMeasurements = {
  dataset: { title: "Shapes", notes: ["Shapes are drawn, not photographed."] },
  parameters: { student: 78042, teacher: 11173962 },
  secondsPerEpoch: 61.26,
  best: {
    epoch: 9,
    student: networkResult({
      clean: { correct: 8731, count: 10000 },
      "pgd-20": { correct: 5790, count: 10000 },
      fgsm: { correct: 621, count: 1000 },
    }, { clean: null, ...ATTACKS }),
    teacher: networkResult(
      { clean: { correct: 9446, count: 10000 } },
      { clean: null },
    ),
  },
  last: {
    epoch: 12,
    student: networkResult({
      clean: { correct: 8815, count: 10000 },
      "pgd-20": { correct: 5659, count: 10000 },
    }, { clean: null, ...ATTACKS }),
    teacher: networkResult(
      { clean: { correct: 9446, count: 10000 } },
      { clean: null },
    ),
  },
  warnings: ["The best epoch was chosen on 128 images."],
};

/** The card, with the paper's figures unless they are left out. */
export function exampleCard(
  reported: ReportedResult | null = REPORTED,
): ResultCard {
  return resultCard({ ...EXAMPLE, reported }, MEASURED);
}
