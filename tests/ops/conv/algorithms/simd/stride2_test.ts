// The operations of input gradients with stride 2 in SIMD lanes, against float64.

import { applyOne } from "../../../../../src/graph/graph.ts";
import {
  simdStride2FiltersOp,
  simdStride2InputGradientOp,
} from "../../../../../src/ops/conv/algorithms/simd/stride2.ts";
import { checkOp } from "../../../../support/check_op.ts";

checkOp("simdStride2FiltersOp", [{
  name: "the second block of w (3, 3, 64, 32)",
  inputs: [{ shape: [3, 3, 64, 32] }],
  build: ([w]) => [applyOne(simdStride2FiltersOp, [w!], { block: 1 })],
  kernelOnly: true,
}]);

checkOp("simdStride2InputGradientOp", [{
  name: "dx (1, 5, 3, 16), and all that may follow",
  inputs: [
    ...[{ shape: [1, 3, 2, 32] }, { shape: [1, 9, 16, 8, 4] }],
    ...[{ shape: [1, 5, 3, 16] }, { shape: [1, 5, 3, 16] }],
  ],
  build: (inputs) => [
    applyOne(simdStride2InputGradientOp, inputs, {
      shape: [1, 5, 3, 16],
      residual: true,
      mask: true,
    }),
  ],
  kernelOnly: true,
}]);
