// Losses between a teacher's and a student's features, compared with PyTorch and
// with examples that were worked out without it.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import { evaluate, type Given } from "./evaluate.ts";
import { readFixture } from "./read_fixture.ts";

/** A loss of a teacher's features (N, D) and a student's (N, D'). */
export type FeatureLoss = (teacher: Tensor, student: Tensor) => Tensor;

/** Features of four examples, by the teacher and by the student. */
export const WORKED: readonly [teacher: Given, student: Given] = [
  { shape: [4, 3], values: [1, 0, .5, .9, .1, .4, 0, 1, .2, .1, .8, 0] },
  { shape: [4, 3], values: [.6, .3, .1, .2, .9, .3, .1, .7, .5, .8, .1, .9] },
];

/** Registers tests of what every such loss has to be. */
export function checkFeatureLoss(
  name: string,
  { build, worked }: {
    readonly build: FeatureLoss;
    /** Its value on the worked example. */
    readonly worked: number;
  },
): void {
  const withGradients = ([teacher, student]: readonly Tensor[]): Tensor[] => {
    const loss = build(teacher!, student!);
    return [loss, ...grad(loss, [student!, teacher!])];
  };

  Deno.test(`${name} gives the worked value, and the teacher no gradient`, async () => {
    const found = await evaluate(WORKED, withGradients);
    for (const [who, [loss, , byTeacher]] of Object.entries(found)) {
      assertAlmostEquals(loss![0]!, worked, 1e-6 * Math.max(1, worked), who);
      assertEquals(byTeacher, new Array(12).fill(0), who);
    }
  });

  Deno.test(`${name} is zero where the student copies the teacher`, async () => {
    const [teacher] = WORKED;
    const found = await evaluate([teacher, teacher], withGradients);
    for (const [who, [loss, byStudent]] of Object.entries(found)) {
      assertAlmostEquals(loss![0]!, 0, 1e-6, who);
      for (const slope of byStudent!) assertAlmostEquals(slope, 0, 1e-6, who);
    }
  });
}

/** Registers tests that a loss and its gradient are those of the fixture. */
export function checkRecordedFeatures(
  loss: string,
  { build, rounding, toleranceOf = () => 1e-5 }: {
    readonly build: FeatureLoss;
    /** What float32 leaves of the value and of its gradient, for a number of rows. */
    readonly rounding: (rows: number) => number;
    /** Largest error in a case, relative to the largest element; 1e-5 if absent. */
    readonly toleranceOf?: (name: string) => number;
  },
): void {
  const recorded = readFixture("losses");
  const cases = [...recorded.keys()].flatMap((key) =>
    key.startsWith(`${loss}/`) && key.endsWith("/value")
      ? [key.split("/")[1]!]
      : []
  );
  for (const name of cases) {
    Deno.test(`${loss} agrees with PyTorch: ${name}`, async () => {
      const inputs = ["teacher", "student"].map((who) =>
        recorded.get(`inputs/${name}/${who}`)!
      );
      const found = await evaluate(inputs, ([teacher, student]) => {
        const value = build(teacher!, student!);
        return [value, ...grad(value, [student!])];
      });
      const floor = rounding(inputs[0]!.shape[0]!);
      ["value", "gradient/student"].forEach((key, i) => {
        const { values } = recorded.get(`${loss}/${name}/${key}`)!;
        // A row of zeros may have no gradient in PyTorch: its norm's is 0 / 0.
        const known = values.filter((value) => !Number.isNaN(value));
        const largest = Math.max(...known.map(Math.abs));
        for (const [who, results] of Object.entries(found)) {
          values.forEach((value, j) => {
            if (Number.isNaN(value)) return;
            const what = `${who}, ${key}, element ${j}`;
            const allowed = toleranceOf(name) * largest + floor;
            assertAlmostEquals(results[i]![j]!, value, allowed, what);
          });
        }
      });
    });
  }
}
