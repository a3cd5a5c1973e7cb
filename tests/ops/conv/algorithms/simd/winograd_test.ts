// The operation of Winograd's method in SIMD lanes, against float64.

import { applyOne } from "../../../../../src/graph/graph.ts";
import { simdWinogradConv2dOp } from "../../../../../src/ops/conv/algorithms/simd/winograd.ts";
import { checkOp } from "../../../../support/check_op.ts";

checkOp("simdWinogradConv2dOp", [{
  name: "x (1, 5, 3, 16) to 16 filters, and all that may follow",
  inputs: [
    { shape: [1, 5, 3, 16] },
    { shape: [16, 16, 16] },
    { shape: [16] },
    { shape: [1, 5, 3, 16] },
    { shape: [1, 5, 3, 16] },
  ],
  build: (inputs) => [
    applyOne(simdWinogradConv2dOp, inputs, {
      shape: [1, 5, 3, 16],
      transposed: false,
      shift: true,
      residual: true,
      mask: true,
      relu: true,
    }),
  ],
  kernelOnly: true,
}]);
