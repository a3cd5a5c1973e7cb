import {
  assertClose,
  type CaseInput,
  type OpCase,
} from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { evaluate, type Given } from "../../support/evaluate.ts";
import { readFixture } from "../../support/read_fixture.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { SmallBatchError } from "../../../src/base/errors.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { grad } from "../../../src/ops/grad.ts";
import {
  neighborProbabilities,
  relationLoss,
  type RelationOptions,
} from "../../../src/ops/relation/relation.ts";
import { uniform } from "../../../src/base/random_sequence.ts";

const MODES = ["exclude", "zero"] as const;

/** Features as after a ReLU, rounded to float32. */
function features(stream: string, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, n) =>
    Array.from(
      uniform({ seed: 5, stream, step: n }, columns),
      (u) => Math.fround(Math.max(0, 1.5 * u - 0.5)),
    ));
}

/** An input that holds these rows. */
function given(rows: readonly (readonly number[])[]): Given {
  return { shape: [rows.length, rows[0]!.length], values: rows.flat() };
}

function lossCase(
  name: string,
  [teacher, student]: readonly [CaseInput, CaseInput],
  options: RelationOptions & Pick<OpCase, "kernelOnly"> = {},
): OpCase {
  const { kernelOnly = false, ...rest } = options;
  return {
    name,
    inputs: [{ ...teacher, constant: true }, student],
    build: ([t, s]) => [relationLoss(t!, s!, rest)],
    kernelOnly,
  };
}

const sizes = [[2, 5], [3, 64], [7, 5], [7, 64], [33, 64]] as const;

checkWithDerivative(
  "relationLoss()",
  MODES.flatMap((self) =>
    sizes.map(([rows, columns]) =>
      lossCase(`${rows} rows, self: ${self}`, [
        given(features("teacher", rows, columns + 3)),
        given(features("student", rows, columns)),
      ], { self })
    )
  ),
);

checkWithDerivative(
  "relationLoss()",
  (["sum", "batchmean", "mean"] as const).map((reduction) =>
    lossCase(`features of any sign, ${reduction}`, [
      { shape: [9, 6] },
      { shape: [9, 6] },
    ], { reduction })
  ),
);

// Rows 0 and 4 nearly the same, in both networks.
function nearDuplicates(stream: string): Given {
  const rows = features(stream, 7, 16);
  rows[4] = rows[0]!.map((x, d) => x + (d % 3) / 512);
  return given(rows);
}

// Rows 1, 4 and 5 the same: each is the first nearest neighbor of others.
function ties(stream: string): Given {
  const rows = features(stream, 7, 16);
  rows[4] = rows[5] = rows[1]!;
  return given(rows);
}

function withZeroRow(stream: string): Given {
  const rows = features(stream, 7, 16);
  rows[2]!.fill(0);
  return given(rows);
}

const plain = [
  given(features("teacher", 7, 16)),
  given(features("student", 7, 16)),
] as const;

checkWithDerivative(
  "relationLoss()",
  MODES.flatMap((self) => [
    lossCase(`near-duplicate rows, self: ${self}`, [
      nearDuplicates("teacher"),
      nearDuplicates("student"),
    ], { self }),
    lossCase(`a teacher's row of zeros, self: ${self}`, [
      withZeroRow("teacher"),
      plain[1],
    ], { self }),
    // Differences would step over the kink at zero, and from tie to tie.
    lossCase(`a student's row of zeros, self: ${self}`, [
      plain[0],
      withZeroRow("student"),
    ], { self, kernelOnly: true }),
    lossCase(`ties, self: ${self}`, [ties("teacher"), ties("student")], {
      self,
      kernelOnly: true,
    }),
  ]),
);

// Rows that count themselves in the numerator alone have shares below 1 from four on.
const readings = (["exclude", "zero", "printed"] as const).flatMap((self) =>
  (["own", "detached", "shared"] as const).map((nearest) => ({ self, nearest }))
);

checkWithDerivative(
  "relationLoss()",
  readings.flatMap(({ self, nearest }) =>
    [4, 7].map((rows) =>
      lossCase(`${rows} rows, self: ${self}, nearest: ${nearest}`, [
        given(features("teacher", rows, 19)),
        given(features("student", rows, 16)),
        // Differences would move the distance that is taken as constant.
      ], { self, nearest, kernelOnly: nearest === "detached" })
    )
  ),
);

checkWithDerivative(
  "neighborProbabilities()",
  MODES.flatMap((self) =>
    sizes.map(([rows, columns]): OpCase => ({
      name: `${rows} rows, self: ${self}`,
      inputs: [given(features("student", rows, columns))],
      build: ([f]) => [neighborProbabilities(f!, { self })],
      kernelOnly: rows > 7, // Many columns that add up to 1 drown the differences.
    }))
  ),
);

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

/** The loss and its gradient by the student's features. */
function withGradient(options: RelationOptions) {
  return ([t, s]: readonly Tensor[]): Tensor[] => {
    const loss = relationLoss(t!, s!, options);
    return [loss, ...grad(loss, [s!])];
  };
}

Deno.test("relationLoss() gives the worked values", async () => {
  const found = await evaluate([teacher, student], ([t, s]) => [
    neighborProbabilities(t!, { self: "exclude" }),
    neighborProbabilities(s!, { self: "exclude" }),
    ...withGradient({})([t!, s!]),
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
      withGradient({ self, nearest }),
    );
    for (const [who, [value, slopes]] of Object.entries(found)) {
      assertAlmostEquals(value![0]!, loss, 1e-6, who);
      assertClose(slopes!, gradient, { what: who, tolerance: 1e-5 });
    }
  });
}

Deno.test("relationLoss() is zero where the student copies the teacher", async () => {
  const { device } = await evaluate([teacher, teacher], withGradient({}));
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

const FIXTURE = {
  relation: {},
  relation_with_self: { self: "zero" },
  relation_batchmean: { reduction: "batchmean" },
  relation_mean: { reduction: "mean" },
} as const satisfies Record<string, RelationOptions>;

/**
 * How much rounding its probabilities to float32 can move a loss: its slope by each
 * is of first order in their differences, itself of second, so that a relative
 * change e of all moves a sum L by at most e sqrt(2 N L).
 */
function roundingOf(loss: number, rows: number): number {
  return 2 ** -24 * Math.sqrt(2 * rows * loss);
}

const recorded = readFixture("losses");
for (const [loss, options] of Object.entries(FIXTURE)) {
  const pattern = new RegExp(`^${loss}/(.+)/value$`);
  const cases = [...recorded.keys()].flatMap((key) =>
    pattern.exec(key)?.[1] ?? []
  );
  for (const name of cases) {
    Deno.test(`relationLoss() agrees with PyTorch: ${loss}, ${name}`, async () => {
      const at = (key: string) => recorded.get(key)!;
      const inputs = ["teacher", "student"].map((who) =>
        at(`inputs/${name}/${who}`)
      );
      const found = await evaluate(inputs, withGradient(options));
      const [value] = at(`${loss}/${name}/value`).values as [number];
      const allowed = 1e-5 * value + roundingOf(value, inputs[0]!.shape[0]!);
      // A row of zeros has no gradient in PyTorch: its norm's is 0 / 0.
      const gradient = at(`${loss}/${name}/gradient/student`).values;
      const known = gradient.flatMap((x, i) => Number.isNaN(x) ? [] : [i]);
      for (const [who, [losses, slopes]] of Object.entries(found)) {
        assertAlmostEquals(losses![0]!, value, allowed, who);
        const [actual, expected] = [slopes!, gradient].map((values) =>
          known.map((i) => values[i]!)
        );
        assertClose(actual!, expected!, { what: who, tolerance: 1e-5 });
      }
    });
  }
}

Deno.test("relationLoss() refuses one row, and batches of different sizes", () => {
  const graph = new Graph();
  const of = (rows: number) => graph.read(new Variable("f", [rows, 5]));
  assertThrows(
    () => relationLoss(of(1), of(1)),
    SmallBatchError,
    "expected at least 2 in a batch but found 1",
  );
  assertThrows(
    () => relationLoss(of(4), of(5)),
    TypeError,
    "Cannot compare relations: expected a student's f32 (4, 4) but found f32 (5, 5)",
  );
});
