import { assert, assertEquals } from "@std/assert";
import { relationCurves } from "../../../src/report/figures/relation_curves.ts";
import type { ResultCard } from "../../../src/runs/result_card.ts";
import { ATTACKS, exampleCard } from "../../support/example_card.ts";

/** The example's card with scores. */
function scored(clean: number, robust: number): ResultCard {
  const card = exampleCard();
  const relation = {
    relationClean: { "5": clean, "30": clean + 1 },
    relationRobust: { "5": robust, "30": robust + 1 },
    queries: 100,
    support: 1000,
    config: ATTACKS["pgd-20"]!,
  };
  const student = { ...card.best.student, relation };
  return { ...card, best: { ...card.best, student } };
}

function trades(beta: number) {
  return { method: "trades", beta, cleanForwards: 1 } as const;
}

Deno.test("relationCurves() follows every score along beta", () => {
  const chart = relationCurves([
    { objective: trades(6), card: scored(60, 40) },
    { objective: trades(1), card: scored(70, 30) },
    { objective: { method: "standard" }, card: scored(90, 0) },
    { objective: trades(3), card: exampleCard() },
    { objective: trades(4), card: null },
  ]);
  assert(chart?.kind === "lines");
  assertEquals(
    chart.points.filter(({ series }) => series === "clean, k = 30"),
    [
      { series: "clean, k = 30", x: 1, y: 71 },
      { series: "clean, k = 30", x: 6, y: 61 },
    ],
  );
  assertEquals(new Set(chart.points.map(({ series }) => series)).size, 4);
});

Deno.test("relationCurves() is nothing for one beta", () => {
  const run = { objective: trades(6), card: scored(60, 40) };
  assertEquals(relationCurves([run, run]), null);
});
