import { assert, assertEquals } from "@std/assert";
import { relationCurves } from "../../../src/report/figures/relation_curves.ts";

/** Scores of which one more neighbor makes one more. */
function scored(clean: number, robust: number) {
  return {
    relationClean: { "5": clean, "30": clean + 1 },
    relationRobust: { "5": robust, "30": robust + 1 },
  };
}

function trades(beta: number) {
  return { method: "trades", beta, cleanForwards: 1 } as const;
}

Deno.test("relationCurves() follows every score along beta", () => {
  const chart = relationCurves([
    { objective: trades(6), relation: scored(60, 40) },
    { objective: trades(1), relation: scored(70, 30) },
    { objective: { method: "standard" }, relation: scored(90, 0) },
    { objective: trades(3), relation: undefined },
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
  const run = { objective: trades(6), relation: scored(60, 40) };
  assertEquals(relationCurves([run, run]), null);
});
