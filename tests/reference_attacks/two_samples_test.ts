// The permutation tests against SciPy 1.17: `permutation_test` over every split, of the
// distance of the means and of the largest distance of the distributions, and
// `ks_2samp(…, method="exact")` where no two numbers are equal.

import { assert, assertAlmostEquals } from "@std/assert";
import { columnsTest, meanTest, smirnovTest } from "./two_samples.ts";

const CASES = [
  {
    name: "samples with equal numbers",
    a: [3, 4, 4, 5, 6],
    b: [4, 5, 5, 7, 8],
    mean: 0.23015873015873015,
    distance: 0.4,
    smirnov: 0.7142857142857143,
  },
  {
    name: "samples that are apart",
    a: [1, 2, 3, 2, 1, 2],
    b: [3, 4, 2, 5, 3, 4],
    mean: 0.02813852813852814,
    distance: 0.6666666666666667,
    smirnov: 0.08008658008658008,
  },
  {
    name: "samples of different sizes",
    a: [1, 5, 9, 11],
    b: [2, 3, 14, 20, 21],
    mean: 0.29365079365079366,
    distance: 0.6,
    smirnov: 0.2857142857142857,
  },
];

for (const { name, a, b, mean, distance, smirnov } of CASES) {
  Deno.test(`the exact tests give SciPy's p-values on ${name}`, () => {
    assertAlmostEquals(meanTest(a, b), mean, 1e-12);
    const found = smirnovTest(a, b);
    assertAlmostEquals(found.distance, distance, 1e-12);
    assertAlmostEquals(found.p, smirnov, 1e-12);
  });
}

Deno.test("smirnovTest() gives SciPy's p-value on two samples of 20", () => {
  // deno-fmt-ignore
  const a = [16, 27, 20, 8, 42, 34, 51, 4, 52, 57, 10, 2, 44, 23, 24, 43, 11, 35, 30, 18];
  // deno-fmt-ignore
  const b = [0, 1, 3, 5, 6, 7, 9, 12, 13, 14, 15, 17, 19, 21, 22, 25, 26, 28, 29, 31];
  assertAlmostEquals(smirnovTest(a, b).p, 0.08105771161340149, 1e-12);
});

Deno.test("columnsTest() sees equal counts of other columns", () => {
  const rows = (first: number) =>
    Array.from(
      { length: 10 },
      (_, row) =>
        [0, 1, 2, 3].map((column) => column === first || column === row % 4),
    );
  assert(columnsTest(rows(0), rows(0)) > 0.5);
  // One split of 92,378 is as far apart.
  assert(columnsTest(rows(0), rows(3)) < 0.002);
});
