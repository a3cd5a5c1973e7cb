import { assertThrows } from "@std/assert";
import { SmallBatchError } from "../../../src/base/errors.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import {
  batchNorm,
  updateRunningStatistics,
} from "../../../src/ops/norm/batch_norm.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";

// 3 and 5 channels are taken one at a time, 16 and 64 four at a time; 40,000 rows
// are summed in three levels.
const shapes = [[2, 3, 3, 3], [7, 5], [2, 4, 5, 16], [3, 8, 8, 64]];
const flags = [[false, false], [true, false], [false, true], [true, true]];

checkWithDerivative(
  "batchNorm()",
  shapes.flatMap((shape) =>
    flags.map(([relu, residual]): OpCase => ({
      name: `(${shape})${relu ? " relu" : ""}${residual ? " residual" : ""}`,
      inputs: [
        { shape },
        { shape: [shape.at(-1)!], low: 0.5, high: 1.5 },
        { shape: [shape.at(-1)!] },
        ...(residual ? [{ shape }] : []),
      ],
      build: ([x, gamma, beta, added]) => [
        batchNorm(x!, {
          gamma: gamma!,
          beta: beta!,
          epsilon: 1e-5,
          relu: relu!,
          residual: added,
        }).y,
      ],
    }))
  ),
);

checkOp("batchNorm() statistics", [
  ...[[40_000, 4], [33, 3]].map((shape): OpCase => ({
    name: `(${shape}) far from zero`,
    inputs: [{ shape, low: 30, high: 31 }, { shape: [shape[1]!] }, {
      shape: [shape[1]!],
    }],
    build: ([x, gamma, beta]) => {
      const { y, statistics } = batchNorm(x!, {
        gamma: gamma!,
        beta: beta!,
        epsilon: 1e-5,
      });
      return [y, statistics.mean, statistics.variance];
    },
    kernelOnly: true,
    // x itself is rounded to 2e-6 of its size, thirty times its deviation.
    tolerance: 3e-5,
  })),
]);

checkOp("updateRunningStatistics()", [{
  name: "twice in a row",
  inputs: [{ shape: [6] }, { shape: [6], low: 0, high: 1 }, { shape: [6] }, {
    shape: [6],
  }],
  build: ([mean, variance], [, , runningMean, runningVariance]) => {
    const running = { mean: runningMean!, variance: runningVariance! };
    const batch = {
      mean: mean!,
      variance: variance!,
      momentum: 0.1,
      count: 17,
    };
    updateRunningStatistics(running, batch);
    updateRunningStatistics(running, { ...batch, momentum: 0.5 });
    return [];
  },
  updated: [2, 3],
  kernelOnly: true,
}]);

Deno.test("batchNorm() refuses a gamma of another size", () => {
  const x = new Graph().read(new Variable("x", [4, 8]));
  const gamma = new Variable("gamma", [4]);
  assertThrows(
    () => batchNorm(x, { gamma, beta: gamma, epsilon: 1e-5 }),
    TypeError,
    "Cannot normalize f32 (4, 8): expected f32 (8) but found f32 (4)",
  );
});

Deno.test("updateRunningStatistics() refuses a single value per channel", () => {
  const mean = new Graph().read(new Variable("mean", [4]));
  const running = {
    mean: new Variable("m", [4]),
    variance: new Variable("v", [4]),
  };
  assertThrows(
    () =>
      updateRunningStatistics(running, {
        mean,
        variance: mean,
        momentum: 0.1,
        count: 1,
      }),
    SmallBatchError,
    "expected at least 2 values per channel",
  );
});
