import { checkOp, type OpCase } from "../support/check_op.ts";
import { grad } from "../../src/ops/grad.ts";
import * as ops from "../../src/ops/pointwise.ts";
import { assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import type { Operand } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";

const positive = { low: 0.5, high: 2 };
const unary: Record<
  string,
  [(x: Operand) => Tensor, Partial<OpCase["inputs"][number]>?]
> = {
  negate: [ops.negate],
  exp: [ops.exp],
  log: [ops.log, positive],
  tanh: [ops.tanh],
  abs: [ops.abs],
  square: [ops.square],
  sqrt: [ops.sqrt, positive],
  sign: [ops.sign],
  relu: [ops.relu],
  silu: [ops.silu, { low: -6, high: 6 }],
  sigmoid: [ops.sigmoid, { low: -9, high: 9 }],
  gelu: [ops.gelu, { low: -5, high: 5 }],
  mulScalar: [(x) => ops.mulScalar(x, -2.5)],
  addScalar: [(x) => ops.addScalar(x, 0.75)],
  clamp: [(x) => ops.clamp(x, { low: -0.3, high: 0.4 })],
};

// 61 and 1,021 are not divisible by four: elements one at a time; 64 is: vec4.
for (const [name, [build, range]] of Object.entries(unary)) {
  checkOp(
    `${name}()`,
    [[61], [4, 16], [1021]].map((shape) => ({
      name: `(${shape})`,
      inputs: [{ shape, ...range }],
      build: ([x]) => [build(x!)],
    })),
  );
}

const binary = {
  add: ops.add,
  subtract: ops.subtract,
  multiply: ops.multiply,
  divide: ops.divide,
  maximum: ops.maximum,
  less: ops.less,
};
const shapes = [
  [[8, 12], [8, 12]],
  [[5, 7], [5, 7]],
  [[5, 3, 7], [7]],
  [[6, 1], [1, 9]],
  [[], [4, 4]],
  [[3, 1, 5], [2, 5]],
];
for (const [name, build] of Object.entries(binary)) {
  checkOp(
    `${name}()`,
    shapes.map(([a, b]) => ({
      name: `(${a}) with (${b})`,
      inputs: [{ shape: a! }, { shape: b!, ...positive }],
      build: ([x, y]) => [build(x!, y!)],
    })),
  );
}

checkOp("silu() far from 0", [{
  name: "where e to the power of either sign is no 32-bit float",
  inputs: [{ shape: [8], values: [-1e4, -200, -90, -30, 0, 30, 200, 1e4] }],
  build: ([x]) => {
    const y = ops.silu(x!);
    return [y, ...grad(y, [x!])];
  },
  kernelOnly: true,
}]);

checkOp("select()", [{
  name: "(4, 6) by (4, 1)",
  inputs: [{ shape: [4, 1] }, { shape: [4, 6] }, { shape: [] }],
  build: ([c, yes, no]) => [ops.where(c!, { yes: yes!, no: no! })],
}]);

Deno.test("add() refuses shapes that do not broadcast", () => {
  const graph = new Graph();
  const a = graph.read(new Variable("a", [4, 3]));
  assertThrows(
    () => ops.add(a, new Variable("b", [4])),
    TypeError,
    "expected shapes that broadcast but found (4, 3) and (4)",
  );
});
