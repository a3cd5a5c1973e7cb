import { assertEquals } from "@std/assert";
import { robustBenchModel } from "../../src/config/robustbench.ts";
import {
  EVALUATION_FORMAT,
  type EvaluationCard,
  renderEvaluation,
} from "../../src/runs/evaluation_card.ts";

const pgd = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "2/255",
  steps: 20,
  start: { kind: "clean" },
} as const;
const autoattack = {
  ensemble: "autoattack",
  norm: "linf",
  epsilon: "8/255",
} as unknown as EvaluationCard["result"]["attacks"][string]["config"];

const CARD: EvaluationCard = {
  format: EVALUATION_FORMAT,
  weights: { file: "rice.pt", sha256: "0".repeat(64) },
  network: {
    architecture: { network: "wide-resnet", depth: 34, width: 20 },
    parameters: 184_500_000,
    classes: 10,
  },
  normalization: null,
  dataset: { title: "CIFAR-10", notes: [], contents: "" },
  result: {
    clean: 85.3,
    count: 1000,
    attacks: {
      "pgd-20": { config: pgd, accuracy: 56.1, count: 1000 },
      "autoattack": { config: autoattack, accuracy: 53.5, count: 1000 },
    },
  },
  leaderboard: robustBenchModel("robustbench:Rice2020Overfitting")!.entry,
  seed: 0,
  adapter: "none",
};

/** The rows of the card's table of accuracies, and the line about a list. */
function shown(card: EvaluationCard): string[] {
  const lines = renderEvaluation(card).split("\n");
  const start = lines.findIndex((line) => line.includes("accuracy"));
  return [
    ...lines.slice(start, start + 4).map((line) =>
      line.trim().replace(/ {2,}/g, " | ")
    ),
    ...lines.filter((line) => line.startsWith("RobustBench")),
  ];
}

Deno.test("renderEvaluation() sets a list's numbers beside those of its ball", () => {
  assertEquals(shown(CARD), [
    "attack | epsilon | step | images | accuracy | RobustBench",
    "clean | 1,000 | 85.30 | 85.34",
    "PGD-20 | 8/255 | 2/255 | 1,000 | 56.10",
    "AutoAttack | 8/255 | 1,000 | 53.50 | 53.42",
    "RobustBench's list has Rice2020Overfitting at 85.34 clean and 53.42 under " +
    "AutoAttack (norm linf, epsilon 8/255, 10,000 images)",
  ]);
  const { result } = CARD;
  const config = { ...autoattack, epsilon: "4/255" } as typeof autoattack;
  const other = { ...result.attacks["autoattack"]!, config };
  const attacks = { "autoattack": other };
  assertEquals(
    shown({ ...CARD, result: { ...result, attacks } })[2],
    "AutoAttack | 4/255 | 1,000 | 53.50",
  );
});

Deno.test("renderEvaluation() has no column of a list where there is none", () => {
  assertEquals(
    shown({ ...CARD, leaderboard: null }).slice(0, 2),
    ["attack | epsilon | step | images | accuracy", "clean | 1,000 | 85.30"],
  );
});
