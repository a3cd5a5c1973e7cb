import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { ResultCard } from "../../src/runs/result_card.ts";
import {
  meanAndDeviation,
  sweepCsv,
  sweepMarkdown,
  type SweepRow,
} from "../../src/runs/sweep_table.ts";
import { exampleCard } from "../support/example_card.ts";

Deno.test("meanAndDeviation() is a sample's, and has no deviation of one value", () => {
  assertEquals(meanAndDeviation([]), null);
  assertEquals(meanAndDeviation([3]), { mean: 3, deviation: null });
  const { mean, deviation } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])!;
  assertEquals(mean, 5);
  assertAlmostEquals(deviation!, Math.sqrt(32 / 7), 1e-12);
});

/** A card with these accuracies: clean and PGD-20, best and last. */
function card(
  [clean, pgd, lastClean, lastPgd]: readonly [number, number, number, number],
): ResultCard {
  const example = exampleCard(null);
  const at = (epoch: "best" | "last", clean: number, accuracy: number) => ({
    ...example[epoch],
    student: {
      clean,
      count: 100,
      attacks: {
        "pgd-20": { ...example.best.student.attacks["pgd-20"]!, accuracy },
      },
    },
  });
  return {
    ...example,
    best: at("best", clean, pgd),
    last: at("last", lastClean, lastPgd),
  };
}

const ROWS: readonly SweepRow[] = [
  {
    name: "table1/trades",
    title: "CIFAR-10, TRADES",
    reported: {
      source: "Table 1, TRADES",
      clean: 84.42,
      pgd20: 56.59,
      autoAttack: 51.91,
      lastPgd20: 53.24,
      gapPgd20: 3.35,
    },
    cards: [card([80, 50, 82, 48]), card([82, 51, 82, 48])],
    runs: 2,
    errors: [],
  },
  {
    name: "table1/mart",
    title: 'CIFAR-10, MART, "as it is", more or less',
    reported: null,
    cards: [card([70, 60, 71, 60.004])],
    runs: 2,
    errors: ["seed 2: GPU lost"],
  },
];

Deno.test("sweepMarkdown() sets what is reported beside what was measured", () => {
  assertEquals(
    sweepMarkdown(ROWS).split("\n"),
    [
      "| recipe | runs | clean best | reported | clean last | clean GAP | PGD-20 best | reported | PGD-20 last | reported | PGD-20 GAP | reported |",
      "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
      "| table1/trades | 2 of 2 | 81.00 ± 1.41 | 84.42 | 82.00 ± 0.00 | -1.00 ± 1.41 | 50.50 ± 0.71 | 56.59 | 48.00 ± 0.00 | 53.24 | 2.50 ± 0.71 | 3.35 |",
      "| table1/mart | 1 of 2 | 70.00 | - | 71.00 | -1.00 | 60.00 | - | 60.00 | - | 0.00 | - |",
      "",
      "- Accuracies of the student on test images in percent, mean ± standard deviation over seeds; GAP = best - last",
      "- clean, 100 images",
      "- PGD-20, epsilon 0.031, step 0.003, 10,000 images",
      "- table1/trades: CIFAR-10, TRADES; reported: Table 1, TRADES (also AutoAttack 51.91)",
      '- table1/mart: CIFAR-10, MART, "as it is", more or less',
      "- **table1/mart failed**: seed 2: GPU lost",
      "",
    ],
  );
});

Deno.test("sweepMarkdown() has a row for what never finished", () => {
  const row = { ...ROWS[1]!, cards: [], runs: 1 };
  assertEquals(
    sweepMarkdown([row]).split("\n")[2],
    "| table1/mart | 0 of 1 | - | - | - | - | - | - |",
  );
});

Deno.test("sweepCsv() has every number in a cell of its own", () => {
  const [head, first, second, end] = sweepCsv(ROWS).split("\r\n");
  assertEquals(head!.split(",").slice(0, 6), [
    "recipe",
    "runs",
    "finished",
    "clean best mean",
    "clean best deviation",
    "clean best reported",
  ]);
  const names = head!.split(",");
  const cells = first!.split(",");
  const cell = (name: string) => cells[names.indexOf(name)];
  assertEquals(cell("clean best mean"), "81");
  assertEquals(cell("clean best deviation"), "1.4142");
  assertEquals(cell("PGD-20 last reported"), "53.24");
  assertEquals(cell("PGD-20 GAP mean"), "2.5");
  assertEquals(cell("clean last reported"), "");
  assertEquals(
    second!.endsWith(
      ',"CIFAR-10, MART, ""as it is"", more or less",,seed 2: GPU lost',
    ),
    true,
  );
  assertEquals(end, "");
});
