import { assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { groupNorm, layerNorm } from "../../../src/ops/norm/layer_norm.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";

const channels = (C: number) => [
  { shape: [C], low: 0.5, high: 1.5 },
  { shape: [C] },
];

checkWithDerivative("layerNorm()", [{
  name: "(3, 2, 2, 6)",
  inputs: [{ shape: [3, 2, 2, 6] }, ...channels(6)],
  build: ([x, weight, bias]) => [
    layerNorm(x!, { weight: weight!, bias: bias! }),
  ],
}]);

checkWithDerivative("groupNorm()", [{
  name: "(2, 3, 3, 6) in 2 groups",
  inputs: [{ shape: [2, 3, 3, 6] }, ...channels(6)],
  build: ([x, weight, bias]) => [
    groupNorm(x!, { groups: 2, weight: weight!, bias: bias! }),
  ],
}]);

Deno.test("groupNorm() refuses groups that do not divide the channels", () => {
  const x = new Graph().read(new Variable("x", [1, 2, 2, 6]));
  const [weight, bias] = [new Variable("w", [6]), new Variable("b", [6])];
  assertThrows(
    () => groupNorm(x, { groups: 4, weight, bias }),
    TypeError,
    "expected groups that divide its 6 channels but found 4",
  );
});
