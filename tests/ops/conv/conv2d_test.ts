import { assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { conv2d } from "../../../src/ops/conv/conv2d.ts";
import { swapChannels } from "../../../src/ops/conv/swap_channels.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import {
  type ConvolutionRow,
  CONVOLUTIONS,
  passCase,
  problemOf,
} from "../../support/convolutions.ts";

/** Shapes that differ in what is differentiated; the others differ for kernels. */
const ROWS = CONVOLUTIONS.slice(0, 22);

/** Sizes matter to kernels; the derivative is the same at any size. */
function withoutLargeDerivatives(
  row: ConvolutionRow,
  opCase: OpCase,
): OpCase {
  const { N, H, W, C, K } = problemOf(row);
  return { ...opCase, kernelOnly: N * H * W * C * K > 10_000 };
}

checkOp(
  "conv2d()",
  ROWS.map((row) => withoutLargeDerivatives(row, passCase("forward", row))),
);

checkOp(
  "conv2d() with shift, residual and relu",
  ROWS.map((row) =>
    withoutLargeDerivatives(row, passCase("forward", row, { fused: true }))
  ),
);

checkOp("swapChannels()", [{
  name: "(3, 2, 5, 7)",
  inputs: [{ shape: [3, 2, 5, 7] }],
  build: ([w]) => [swapChannels(w!)],
}]);

checkOp(
  "conv2dInputGradientOp",
  ROWS.map((row) =>
    withoutLargeDerivatives(row, passCase("input gradient", row))
  ),
);

checkOp(
  "conv2dInputGradientOp with residual and mask",
  ROWS.filter((row) => problemOf(row).C % 4 === 0).map((row) => ({
    ...passCase("input gradient", row, { fused: true }),
    kernelOnly: true,
  })),
);

checkOp(
  "conv2dWeightGradientOp",
  ROWS.map((row) =>
    withoutLargeDerivatives(row, passCase("weight gradient", row))
  ),
);

Deno.test("conv2d() refuses channels that differ", () => {
  const x = new Graph().read(new Variable("x", [128, 32, 32, 3]));
  assertThrows(
    () => conv2d(x, new Variable("w", [3, 3, 64, 64])),
    TypeError,
    "expected 64 input channels but found 3",
  );
});

Deno.test("conv2d() refuses a filter that is larger than the padded input", () => {
  const x = new Graph().read(new Variable("x", [1, 2, 2, 4]));
  assertThrows(
    () => conv2d(x, new Variable("w", [5, 5, 4, 4]), { padding: 1 }),
    TypeError,
    "expected the filter to fit",
  );
});
