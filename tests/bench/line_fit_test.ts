// The line through measured times.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { lineThrough } from "../../bench/line_fit.ts";

Deno.test("lineThrough finds the line that the points lie on", () => {
  const points = [16, 32, 64].map((x) => ({ x, y: 5 + 0.25 * x }));
  const { fixed, slope, deviation } = lineThrough(points);
  assertAlmostEquals(fixed, 5, 1e-9);
  assertAlmostEquals(slope, 0.25, 1e-9);
  assertAlmostEquals(deviation, 0, 1e-9);
});

Deno.test("lineThrough weighs small and large times alike", () => {
  // y = x fits (1, 1) and (100, 100); (10, 11) is 1 / 11 above it.
  const { deviation } = lineThrough([
    { x: 1, y: 1 },
    { x: 10, y: 11 },
    { x: 100, y: 100 },
  ]);
  assertEquals(deviation > 0.04 && deviation < 1 / 11, true);
});
