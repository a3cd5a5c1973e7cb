import { assertEquals } from "@std/assert";
import { didYouMean, nearMisses } from "../../src/base/suggest.ts";

const NAMES = [
  "shapes/frpat",
  "shapes/trades-frpat",
  "table1/trades",
  "table2/trades",
  "table1/standard",
];

Deno.test("nearMisses() finds a name with slips in it, whatever its case", () => {
  assertEquals(nearMisses("shaeps/frpat", NAMES), ["shapes/frpat"]);
  assertEquals(nearMisses("Table1/Standart", NAMES), ["table1/standard"]);
});

Deno.test("nearMisses() finds names whose beginning was forgotten", () => {
  assertEquals(nearMisses("trades", NAMES), ["table1/trades", "table2/trades"]);
  assertEquals(nearMisses("weightDecay", ["optimizer.weightDecay"]), [
    "optimizer.weightDecay",
  ]);
  const paths = ["optimizer.learningRate", "optimizer.learningRate.kind"];
  assertEquals(nearMisses("learningRate.kind", paths), paths.slice(1));
});

Deno.test("nearMisses() leaves out names that are much further than the nearest", () => {
  const paths = [
    "rules.0.weight.value",
    "rules.0.weight",
    "rules.0.weight.kind",
  ];
  assertEquals(nearMisses("rules.1.weight.value", paths), paths.slice(0, 1));
  assertEquals(nearMisses("rules.0.weight.kin", paths), paths.slice(2));
});

Deno.test("nearMisses() finds nothing where nothing is near", () => {
  assertEquals(nearMisses("imagenet", NAMES), []);
  assertEquals(nearMisses("x", NAMES), []);
  assertEquals(nearMisses("anything", []), []);
});

Deno.test("didYouMean() ends a sentence with the names or with nothing", () => {
  assertEquals(
    didYouMean("trades", NAMES),
    "; did you mean table1/trades or table2/trades?",
  );
  assertEquals(didYouMean("imagenet", NAMES), "");
});
