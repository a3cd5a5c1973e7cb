// The relation loss against numbers that were found without it: worked out in float64 by
// every reading of its equations.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  neighborProbabilities,
  relationLoss,
} from "../../../src/ops/relation/relation.ts";
import { grad } from "../../../src/ops/grad.ts";
import { assertClose } from "../../support/check_op.ts";
import { evaluate, type Given } from "../../support/evaluate.ts";
import { relationWithGradient } from "../../support/relation_gradient.ts";

/** An input that holds these rows. */
function given(rows: readonly (readonly number[])[]): Given {
  return { shape: [rows.length, rows[0]!.length], values: rows.flat() };
}

// Computed in float64 from the equations, for four rows of three features.
const teacher = given([[1, 0, .5], [.9, .1, .4], [0, 1, .2], [.1, .8, 0]]);
const student = given([[.6, .3, .1], [.2, .9, .3], [.1, .7, .5], [.8, .1, .9]]);
const worked = {
  p: [
    [0, .454176, .258033, .259925],
    [.474955, 0, .279003, .283237],
    [.259764, .268972, 0, .456838],
    [.265281, .276852, .462965, 0],
  ],
  q: [
    [0, .325656, .305416, .360167],
    [.333361, 0, .383685, .308255],
    [.316941, .386323, 0, .331577],
    [.349697, .288021, .310899, 0],
  ],
  gradient: [
    [.077441, -.198064, .129547],
    [-.178168, .009630, .089888],
    [-.062353, .144826, -.190286],
    [.100025, -.085416, -.079421],
  ],
  exclude: [0.27172473],
  zero: [0.18951058],
};

Deno.test("relationLoss() gives the worked values", async () => {
  const found = await evaluate([teacher, student], ([t, s]) => [
    neighborProbabilities(t!, { self: "exclude" }),
    neighborProbabilities(s!, { self: "exclude" }),
    ...relationWithGradient({})([t!, s!]),
    relationLoss(t!, s!, { self: "zero" }),
  ]);
  const expected = [
    worked.p.flat(),
    worked.q.flat(),
    worked.exclude,
    worked.gradient.flat(),
    worked.zero,
  ];
  for (const [who, values] of Object.entries(found)) {
    expected.forEach((numbers, i) =>
      assertClose(values[i]!, numbers, {
        what: `${who}, output ${i}`,
        tolerance: 1e-5,
      })
    );
  }
});

// The same features by every reading: losses in float64 from the distances of eq. 5, and
// their central differences by the student's features, row by row.
const READINGS = [
  {
    self: "exclude",
    nearest: "own",
    loss: 0.27172456,
    gradient: [
      0.077441,
      -0.198064,
      0.129547,
      -0.178168,
      0.009630,
      0.089888,
      -0.062353,
      0.144826,
      -0.190285,
      0.100025,
      -0.085416,
      -0.079421,
    ],
  },
  {
    self: "exclude",
    nearest: "detached",
    loss: 0.27172456,
    gradient: [
      0.077310,
      -0.195875,
      0.123763,
      -0.175259,
      0.012362,
      0.079753,
      -0.066219,
      0.138475,
      -0.180621,
      0.097987,
      -0.087362,
      -0.077393,
    ],
  },
  {
    self: "exclude",
    nearest: "shared",
    loss: 0.27461649,
    gradient: [
      0.086214,
      -0.221077,
      0.145945,
      -0.192996,
      0.015885,
      0.081009,
      -0.073206,
      0.147187,
      -0.191420,
      0.110883,
      -0.091548,
      -0.088391,
    ],
  },
  {
    self: "zero",
    nearest: "own",
    loss: 0.18951047,
    gradient: [
      0.018439,
      -0.055064,
      0.054560,
      -0.072017,
      -0.002210,
      0.054640,
      -0.002110,
      0.070099,
      -0.097717,
      0.036073,
      -0.038354,
      -0.027803,
    ],
  },
  {
    self: "zero",
    nearest: "detached",
    loss: 0.18951047,
    gradient: [
      0.020065,
      -0.082307,
      0.126530,
      -0.075266,
      -0.005262,
      0.065963,
      0.002209,
      0.077195,
      -0.108515,
      0.061439,
      -0.014141,
      -0.053041,
    ],
  },
  {
    self: "zero",
    nearest: "shared",
    loss: 0.17304611,
    gradient: [
      0.031149,
      -0.102816,
      0.121550,
      -0.093736,
      0.000075,
      0.062265,
      -0.011595,
      0.084427,
      -0.115878,
      0.066527,
      -0.029062,
      -0.055906,
    ],
  },
  {
    self: "printed",
    nearest: "own",
    loss: 0.31039847,
    gradient: [
      0.029890,
      -0.125113,
      0.195997,
      -0.126144,
      -0.010952,
      0.116952,
      0.013185,
      0.131272,
      -0.186418,
      0.094978,
      -0.027130,
      -0.081410,
    ],
  },
  {
    self: "printed",
    nearest: "detached",
    loss: 0.31039847,
    gradient: [
      0.030189,
      -0.130115,
      0.209212,
      -0.124909,
      -0.009792,
      0.112650,
      0.011544,
      0.128576,
      -0.182316,
      0.099635,
      -0.022684,
      -0.086044,
    ],
  },
  {
    self: "printed",
    nearest: "shared",
    loss: 0.30729058,
    gradient: [
      0.038273,
      -0.153806,
      0.231784,
      -0.142758,
      -0.006007,
      0.113193,
      0.004590,
      0.137777,
      -0.193805,
      0.112697,
      -0.028512,
      -0.097007,
    ],
  },
] as const;

for (const { self, nearest, loss, gradient } of READINGS) {
  Deno.test(`relationLoss() gives the worked values: self ${self}, nearest ${nearest}`, async () => {
    const found = await evaluate(
      [teacher, student],
      relationWithGradient({ self, nearest }),
    );
    for (const [who, [value, slopes]] of Object.entries(found)) {
      assertAlmostEquals(value![0]!, loss, 1e-6, who);
      assertClose(slopes!, gradient, { what: who, tolerance: 1e-5 });
    }
  });
}

Deno.test("relationLoss() is zero where the student copies the teacher", async () => {
  const { device } = await evaluate(
    [teacher, teacher],
    relationWithGradient({}),
  );
  assertEquals(device[0], [0]);
  assert(device[1]!.every((x) => Math.abs(x) < 1e-6));
});

Deno.test("relationLoss() has no gradient by the teacher's features", async () => {
  const { device } = await evaluate(
    [teacher, student],
    ([t, s]) => grad(relationLoss(t!, s!), [t!]),
  );
  assertEquals(device[0], new Array(12).fill(0));
});
