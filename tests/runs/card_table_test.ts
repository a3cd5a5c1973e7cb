import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { storedCard } from "../../src/runs/stored_card.ts";
import { namedEnsemble } from "../../src/config/ensemble_config.ts";
import { renderCard } from "../../src/runs/card_table.ts";
import { withResults } from "../../src/runs/attack_entries.ts";
import {
  type AttackResult,
  attackResults,
  type ResultCard,
} from "../../src/runs/result_card.ts";
import { ATTACKS, exampleCard, REPORTED } from "../support/example_card.ts";

Deno.test("renderCard() sets best, last and reported side by side", () => {
  assertEquals(
    renderCard(exampleCard()),
    `\
shapes-trades-frpat: TRADES + FRPAT, ResNet-8 on Shapes

data     Shapes
student  resnet8, width 16: 78,042 parameters
teacher  resnet8, width 16: 11,173,962 parameters
run      12 epochs of 61.3 s, seed 1

network  attack      epsilon   step  images     best      last    GAP  reported
                                             epoch 9  epoch 12
student  clean                       10,000    87.31     88.15  -0.84     87.30
student  PGD-20        0.031  0.003  10,000    57.90     56.59   1.31     58.20
student  fgsm          8/255          1,000    62.10         -      -         -
student  AutoAttack                                -         -      -     53.09
teacher  clean                       10,000    94.46     94.46   0.00         -

Accuracies in percent; GAP = best - last; reported: Table 1, TRADES + Ours
PGD-20: pgd, norm linf, epsilon 0.031, stepSize 0.003, steps 20, start (gaussian, scale 0.001), on 10,000 images
fgsm: fgsm, norm linf, epsilon 8/255, on 1,000 images

Note: Shapes are drawn, not photographed.
Warning: The best epoch was chosen on 128 images.
`,
  );
});

/** The example's card beside what was measured without its regularizers. */
function comparedCard(): ResultCard {
  const best = {
    clean: { mean: 80.123, deviation: 1.5 },
    attacks: { "pgd-20": { mean: 50, deviation: 0.25 } },
  };
  const last = { ...best, clean: { mean: 81, deviation: 2 } };
  const name = "shapes/trades";
  return {
    ...exampleCard(),
    comparison: { name, method: "trades", seeds: 5, best, last },
  };
}

Deno.test("renderCard() sets what was measured without regularizers below the student", () => {
  const lines = renderCard(comparedCard()).split("\n");
  assertEquals(
    lines.filter((line) => /^(student|trades|teacher) .* \d/.test(line)),
    [
      "student  resnet8, width 16: 78,042 parameters",
      "teacher  resnet8, width 16: 11,173,962 parameters",
      "student  clean                       10,000         87.31         88.15  -0.84     87.30",
      "student  PGD-20        0.031  0.003  10,000         57.90         56.59   1.31     58.20",
      "student  fgsm          8/255          1,000         62.10             -      -         -",
      "student  AutoAttack                                     -             -      -     53.09",
      "trades   clean                       10,000  80.12 ± 1.50  81.00 ± 2.00  -0.88         -",
      "trades   PGD-20        0.031  0.003  10,000  50.00 ± 0.25  50.00 ± 0.25   0.00         -",
      "teacher  clean                       10,000         94.46         94.46   0.00         -",
    ],
  );
  assert(
    lines.includes(
      "trades: shapes/trades, equal but for the regularizers, mean ± standard " +
        "deviation over 5 seeds, measured before (docs/results.md)",
    ),
  );
});

Deno.test("a card keeps what it is compared with in its file", () => {
  const card = comparedCard();
  const value = JSON.parse(JSON.stringify(card));
  assertEquals(storedCard(value, "a card").comparison, card.comparison);
  value.comparison.last.clean.mean = "high";
  assertThrows(() => storedCard(value, "a card"), UserError, "comparison.last");
});

Deno.test("renderCard() says how many images an attack had no gradient of", () => {
  const lineOf = (zeroGradient: number) => {
    const count = 10000;
    const counts = { "pgd-20": { correct: 5790, count, zeroGradient } };
    const results = { student: attackResults(counts, ATTACKS) };
    return renderCard(withResults(exampleCard(), { epoch: 9, results }))
      .split("\n").find((line) => line.startsWith("PGD-20"))!;
  };
  assert(lineOf(0).endsWith(" on 10,000 images"));
  assert(lineOf(1).endsWith("; 1 image had no gradient to follow"));
  assert(lineOf(1234).endsWith("; 1,234 images had no gradient to follow"));
});

Deno.test("renderCard() sets AutoAttack beside what is reported, and says what came of each attack", () => {
  const autoattack: AttackResult = {
    accuracy: 52.5,
    count: 1000,
    config: namedEnsemble("autoattack", { attacks: ATTACKS })!,
    ensemble: {
      stages: [
        { name: "clean", accuracy: 87.4 },
        { name: "apgd-ce", accuracy: 55.1 },
        { name: "apgd-t", accuracy: 52.6 },
        { name: "fab-t", accuracy: 52.6 },
        { name: "square", accuracy: 52.5 },
      ],
      warnings: ["Gradients may be hidden"],
      passes: 4_700_000,
      expectedPasses: 5_100_000,
      seconds: 3600,
    },
  };
  const results = { student: { autoattack } };
  const lines = renderCard(withResults(exampleCard(), { epoch: 9, results }))
    .split("\n");
  const starting = (text: string) =>
    lines.filter((line) => line.startsWith(text));
  assertEquals(starting("student  AutoAttack"), [
    "student  AutoAttack    0.031          1,000    52.50         -      -     53.09",
  ]);
  assertEquals(starting("AutoAttack"), [
    "AutoAttack: autoattack, norm linf, epsilon 0.031, steps 100, restarts 1, " +
    "targets 9, queries 5000, samples 1, version standard, " +
    "attacks apgd-ce and apgd-t and fab-t and square, on 1,000 images; clean 87.40, " +
    "apgd-ce 55.10, apgd-t 52.60, fab-t 52.60, square 52.50; " +
    "4,700,000 forward passes (5,100,000 expected)",
    "AutoAttack warns: Gradients may be hidden",
  ]);
});

Deno.test("renderCard() leaves out what there is not", () => {
  const card = exampleCard(null);
  const { best, last } = card;
  assertEquals(
    renderCard({
      ...card,
      dataset: { title: "Shapes", notes: [] },
      teacher: null,
      best: { ...best, teacher: null },
      last: { ...last, teacher: null },
      warnings: [],
      secondsPerEpoch: 7000,
    }),
    `\
shapes-trades-frpat: TRADES + FRPAT, ResNet-8 on Shapes

data     Shapes
student  resnet8, width 16: 78,042 parameters
run      12 epochs of 1.9 h, seed 1

network  attack  epsilon   step  images     best      last    GAP
                                         epoch 9  epoch 12
student  clean                   10,000    87.31     88.15  -0.84
student  PGD-20    0.031  0.003  10,000    57.90     56.59   1.31
student  fgsm      8/255          1,000    62.10         -      -

Accuracies in percent; GAP = best - last
PGD-20: pgd, norm linf, epsilon 0.031, stepSize 0.003, steps 20, start (gaussian, scale 0.001), on 10,000 images
fgsm: fgsm, norm linf, epsilon 8/255, on 1,000 images
`,
  );
});

Deno.test("renderCard() writes the time of an epoch as people say it", () => {
  const times = [0.04, 99.9, 99.96, 3600, 5969, 5970, 90000].map((seconds) => {
    const text = renderCard({ ...exampleCard(), secondsPerEpoch: seconds });
    return /epochs of (.*), seed/.exec(text)?.[1];
  });
  assertEquals(times, [
    "0.0 s",
    "99.9 s",
    "2 min",
    "60 min",
    "99 min",
    "1.7 h",
    "25.0 h",
  ]);
});

Deno.test("renderCard() sets what is reported of the last epoch beside it", () => {
  const reported = { ...REPORTED, lastPgd20: 56.6, gapPgd20: 1.6 };
  const lines = renderCard(exampleCard(reported)).split("\n");
  assertEquals(lines.slice(7, 14), [
    "network  attack      epsilon   step  images     best      last    GAP  reported  reported last  reported GAP",
    "                                             epoch 9  epoch 12",
    "student  clean                       10,000    87.31     88.15  -0.84     87.30              -             -",
    "student  PGD-20        0.031  0.003  10,000    57.90     56.59   1.31     58.20          56.60          1.60",
    "student  fgsm          8/255          1,000    62.10         -      -         -              -             -",
    "student  AutoAttack                                -         -      -     53.09              -             -",
    "teacher  clean                       10,000    94.46     94.46   0.00         -              -             -",
  ]);
});

Deno.test("renderCard() says where a teacher comes from that was trained before", () => {
  const card = exampleCard();
  const told = (frozen: boolean) => {
    const pretrained = { from: "runs/x", frozen, mode: "eval" } as const;
    const teacher = {
      ...card.teacher!,
      architecture: { network: "resnet8", width: 16, pretrained } as const,
    };
    return renderCard({ ...card, teacher }).split("\n")
      .find((line) => line.startsWith("teacher"))!.split(" parameters, ")[1];
  };
  assertEquals(told(true), "frozen from runs/x");
  assertEquals(told(false), "trained on from runs/x");
});

Deno.test("renderCard() gives another epsilon a row of its own, without the paper's figure", () => {
  const card = exampleCard();
  const attack: AttackResult = {
    accuracy: 21,
    count: 10_000,
    config: { ...ATTACKS["pgd-20"]!, epsilon: "16/255" },
  };
  const longer: AttackResult = {
    accuracy: 57,
    count: 500,
    config: { ...ATTACKS["pgd-20"]!, steps: 50 } as AttackResult["config"],
  };
  const evaluated = [attack, longer].reduce(
    (card, found) =>
      withResults(card, {
        epoch: 9,
        results: { student: { "pgd-20": found } },
      }),
    card,
  );
  const rows = renderCard(evaluated).split("\n")
    .filter((line) => line.startsWith("student  PGD-20"));
  assertEquals(rows, [
    "student  PGD-20              0.031  0.003  10,000    57.90     56.59   1.31     58.20",
    "student  PGD-20             16/255  0.003  10,000    21.00         -      -         -",
    "student  PGD-20, steps 50    0.031  0.003     500    57.00         -      -         -",
  ]);
  assertEquals(evaluated.gap, card.gap);
});

Deno.test("renderCard() keeps the clip of a uniform start", () => {
  for (const clip of [true, false]) {
    const config = {
      ...ATTACKS["pgd-20"]!,
      start: { kind: "uniform", clip },
    } as AttackResult["config"];
    const found = { accuracy: 5, count: 10, config };
    const results = { student: { own: found } };
    const text = renderCard(withResults(exampleCard(), { epoch: 9, results }));
    assert(
      text.includes(
        `own: pgd, norm linf, epsilon 0.031, stepSize 0.003, steps 20, start (uniform, clip ${clip})`,
      ),
      text,
    );
  }
});
