// Winograd's method in strips: its operation against float64, and convolutions that it
// computes, with images of odd sizes, an odd number of strips, and several groups of
// filters.

import { applyOne } from "../../../../../src/graph/graph.ts";
import {
  conv2d,
  conv2dInputGradientOp,
} from "../../../../../src/ops/conv/conv2d.ts";
import { stripsConv2dOp } from "../../../../../src/ops/conv/algorithms/simd/winograd.ts";
import {
  checkKernel,
  checkOp,
  type OpCase,
} from "../../../../support/check_op.ts";

const everything = { residual: true, mask: true } as const;

checkOp("stripsConv2dOp", [{
  name: "x (1, 5, 3, 16) to 16 filters, and all that may follow",
  inputs: [
    { shape: [1, 5, 3, 16] },
    { shape: [16, 16, 16] },
    { shape: [16] },
    { shape: [1, 5, 3, 16] },
    { shape: [1, 5, 3, 16] },
  ],
  build: (inputs) => [
    applyOne(stripsConv2dOp, inputs, {
      ...{ shape: [1, 5, 3, 16], transposed: false },
      ...{ shift: true, relu: true, ...everything },
    }),
  ],
  kernelOnly: true,
}]);

/** [N, H, W, K, rows of zeros behind the last]. */
const shapes: readonly (readonly number[])[] = [
  [1, 1, 1, 16],
  [3, 7, 9, 16],
  [2, 32, 32, 16],
  [1, 6, 5, 64],
  [1, 5, 6, 16, 0],
  [1, 5, 6, 16, 2],
];

for (const [N, H, W, K, paddingEnd = 1] of shapes) {
  const x = [N!, H!, W!, 16];
  const y = [N!, H! + paddingEnd - 1, W! + paddingEnd - 1, K!];
  const geometry = { stride: 1, padding: 1, paddingEnd };
  const cases: readonly OpCase[] = [{
    name: "conv2d()",
    inputs: [
      ...[{ shape: x }, { shape: [3, 3, 16, K!] }],
      ...[{ shape: [K!] }, { shape: y }],
    ],
    build: ([x, w, shift, residual]) => [
      conv2d(x!, w!, { ...geometry, shift: shift!, residual, relu: true }),
    ],
  }, {
    name: "conv2dInputGradientOp",
    inputs: [
      ...[{ shape: [...y.slice(0, 3), 16] }, { shape: [3, 3, 16, K!] }],
      ...[{ shape: [N!, H!, W!, K!] }, { shape: [N!, H!, W!, K!] }],
    ],
    build: (inputs) => [
      applyOne(conv2dInputGradientOp, inputs, {
        ...{ ...geometry, shape: [N!, H!, W!, K!], ...everything },
      }),
    ],
  }];
  for (const opCase of cases) {
    Deno.test(`${opCase.name} in strips agrees with float64: x (${x}), ${K} filters, ${paddingEnd} behind`, async () => {
      await checkKernel(opCase, {
        ...{ adapterClass: "software", subgroupSize: 8, form: "strips" },
      });
    });
  }
}
