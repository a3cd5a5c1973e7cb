// Input gradients of strided convolutions in the form for software adapters: its
// operations against float64, and gradients that it computes, of images of odd sizes,
// from several blocks of channels to several groups.

import { applyOne } from "../../../../../src/graph/graph.ts";
import { conv2dInputGradientOp } from "../../../../../src/ops/conv/conv2d.ts";
import {
  stridedFiltersOp,
  stridedInputGradientOp,
} from "../../../../../src/ops/conv/algorithms/simd/stride2.ts";
import { checkKernel, checkOp } from "../../../../support/check_op.ts";

const everything = { residual: true, mask: true } as const;

checkOp("stridedFiltersOp", [{
  name: "the second block of w (3, 3, 64, 32)",
  inputs: [{ shape: [3, 3, 64, 32] }],
  build: ([w]) => [applyOne(stridedFiltersOp, [w!], { block: 1 })],
  kernelOnly: true,
}]);

checkOp("stridedInputGradientOp", [{
  name: "dx (1, 5, 3, 16), and all that may follow",
  inputs: [
    ...[{ shape: [1, 3, 2, 32] }, { shape: [1, 9, 16, 8, 4] }],
    ...[{ shape: [1, 5, 3, 16] }, { shape: [1, 5, 3, 16] }],
  ],
  build: (inputs) => [
    applyOne(stridedInputGradientOp, inputs, {
      ...{ shape: [1, 5, 3, 16], ...everything },
    }),
  ],
  kernelOnly: true,
}]);

/** [N, H, W, C, K, rows of zeros behind the last]. */
const shapes: readonly (readonly number[])[] = [
  [1, 1, 1, 16, 32],
  [3, 8, 6, 16, 32],
  [2, 7, 9, 32, 64],
  [1, 6, 8, 16, 32, 0],
];

for (const [N, H, W, C, K, paddingEnd = 1] of shapes) {
  const out = (size: number) => Math.floor((size + paddingEnd - 2) / 2) + 1;
  const x = [N!, H!, W!, C!];
  const y = [N!, out(H!), out(W!), K!];
  const geometry = { stride: 2, padding: 1, paddingEnd };
  Deno.test(`conv2dInputGradientOp with a stride agrees with float64: x (${x}), ${K} filters, ${paddingEnd} behind`, async () => {
    await checkKernel({
      name: "",
      inputs: [
        ...[{ shape: y }, { shape: [3, 3, K!, C!] }],
        ...[{ shape: x }, { shape: x }],
      ],
      build: (inputs) => [
        applyOne(conv2dInputGradientOp, inputs, {
          ...{ ...geometry, shape: x, ...everything },
        }),
        applyOne(conv2dInputGradientOp, inputs.slice(0, 2), {
          ...{ ...geometry, shape: x },
        }),
      ],
    }, {
      ...{ adapterClass: "software", subgroupSize: 8, form: "strided" },
    });
  });
}
