import { assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { adamw } from "../../src/ops/adamw.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";

const NUMBERS = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-3,
  weightDecay: 0.05,
};

// 61 is not divisible by four: elements one at a time; others: vec4.
checkOp(
  "adamw()",
  [[1, 1], [61, 1], [1024, 1], [64, 1024]].map(([size, lossScale]): OpCase => ({
    name: `${size} parameters, loss scale ${lossScale}`,
    inputs: [
      { shape: [size!] },
      { shape: [size!], low: -lossScale!, high: lossScale! },
      { shape: [size!] },
      { shape: [size!], low: 0, high: 1 },
      { shape: [], values: [0.01] },
      { shape: [], values: [0.271] },
      { shape: [], values: [0.003] },
    ],
    build: ([, , , , learningRate, first, second], variables) => {
      const [parameters, gradients, moments, squares] = variables;
      adamw({
        parameters: parameters!,
        gradients: gradients!,
        moments: moments!,
        squares: squares!,
        learningRate: learningRate!,
        corrections: [first!, second!],
      }, { ...NUMBERS, lossScale: lossScale! });
      return [];
    },
    updated: [0, 2, 3],
    kernelOnly: true,
  })),
);

Deno.test("adamw() refuses moments of another size", () => {
  const graph = new Graph();
  const scalar = graph.read(new Variable("scalar", []));
  const [parameters, gradients, moments, squares] = [64, 64, 64, 65]
    .map((size) => new Variable("state", [size])) as [
      Variable,
      Variable,
      Variable,
      Variable,
    ];
  const state = { parameters, gradients, moments, squares };
  const corrections = [scalar, scalar] as const;
  const scalars = { learningRate: scalar, corrections };
  assertThrows(
    () => adamw({ ...state, ...scalars }, NUMBERS),
    TypeError,
    "moments of one size",
  );
});
