// The loss against its equations, written out in double precision, for features as
// behind a ReLU and of any sign.

import { assert, assertAlmostEquals } from "@std/assert";
import { absoluteRelationLoss } from "../../../src/methods/regularizers/absolute_relation.ts";
import { gradientsOf } from "../../support/check_derivative.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import { evaluate, type Given } from "../../support/evaluate.ts";
import { checkFeatureLoss, WORKED } from "../../support/recorded_features.ts";

/** 1 minus the cosine of every two rows. */
function distances({ shape, values }: Given): number[][] {
  const columns = shape[1]!;
  const rows = Array.from(
    { length: shape[0]! },
    (_, n) => values.slice(columns * n, columns * (n + 1)),
  );
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, x, d) => sum + x * b[d]!, 0);
  return rows.map((a) =>
    rows.map((b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))
  );
}

/** The errors of the student's distances between different rows. */
function errors(teacher: Given, student: Given): number[] {
  const [d, own] = [distances(teacher), distances(student)];
  return own.flatMap((row, i) =>
    row.map((x, j) => x - d[i]![j]!).filter((_, j) => i !== j)
  );
}

function expected(teacher: Given, student: Given): number {
  const all = errors(teacher, student).map(Math.abs)
    .map((e) => e < 1 ? e * e / 2 : e - 0.5);
  return all.reduce((a, b) => a + b) / all.length;
}

checkFeatureLoss("absoluteRelationLoss()", {
  build: absoluteRelationLoss,
  worked: expected(...WORKED),
});

// Opposite directions for the teacher, nearly equal ones for the student.
const SIGNED: readonly [Given, Given] = [
  { shape: [3, 2], values: [1, .25, -1, .5, .25, 1] },
  { shape: [3, 2], values: [1, .5, 1, .25, -1, .75] },
];

Deno.test("absoluteRelationLoss() is linear in errors above 1", async () => {
  const sizes = errors(...SIGNED).map(Math.abs);
  assert(sizes.some((e) => e > 1) && sizes.some((e) => e < 1));
  const found = await evaluate(
    SIGNED,
    ([t, s]) => [absoluteRelationLoss(t!, s!)],
  );
  for (const [who, [loss]] of Object.entries(found)) {
    assertAlmostEquals(loss![0]!, expected(...SIGNED), 1e-6, who);
  }
});

const CASES = [WORKED, SIGNED].map(([teacher, student], i): OpCase => ({
  name: i === 0 ? "behind a ReLU" : "of any sign",
  inputs: [{ ...teacher, constant: true }, student],
  build: ([t, s]) => [absoluteRelationLoss(t!, s!)],
}));
checkOp("absoluteRelationLoss()", CASES);
checkOp("absoluteRelationLoss() derivative", CASES.map(gradientsOf));
