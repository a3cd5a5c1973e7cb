import { assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { linear, matmul } from "../../src/ops/matmul.ts";
import { checkOp } from "../support/check_op.ts";

const flags = [false, true];
const sizes = [[1, 1, 1], [5, 7, 3], [33, 64, 10]];
checkOp(
  "matmul()",
  sizes.flatMap(([M, K, N]) =>
    flags.flatMap((transposeA) =>
      flags.map((transposeB) => ({
        name: `${M}x${K}x${N}, transposed ${transposeA}, ${transposeB}`,
        inputs: [
          { shape: transposeA ? [K!, M!] : [M!, K!] },
          { shape: transposeB ? [N!, K!] : [K!, N!] },
        ],
        build: ([a, b]) => [matmul(a!, b!, { transposeA, transposeB })],
      }))
    )
  ),
);

checkOp("linear()", [{
  name: "(6, 9) to 4",
  inputs: [{ shape: [6, 9] }, { shape: [9, 4] }, { shape: [4] }],
  build: ([x, weight, bias]) => [linear(x!, { weight: weight!, bias: bias! })],
}]);

Deno.test("matmul() refuses inner sizes that differ", () => {
  const a = new Graph().read(new Variable("a", [2, 3]));
  assertThrows(
    () => matmul(a, new Variable("b", [2, 4])),
    TypeError,
    "expected equal inner sizes but found f32 (2, 3) and f32 (2, 4)",
  );
});
