// The relation loss and its derivative by finite differences, in every reading, on features
// that a network gives and on those that are hard for it.

import { assertThrows } from "@std/assert";
import { SmallBatchError } from "../../../src/base/errors.ts";
import { uniform } from "../../../src/base/random_sequence.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import {
  neighborProbabilities,
  relationLoss,
  type RelationOptions,
} from "../../../src/ops/relation/relation.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import type { CaseInput, OpCase } from "../../support/check_op.ts";
import type { Given } from "../../support/evaluate.ts";

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
