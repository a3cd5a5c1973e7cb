// Convolutions of images of three channels in the form for software adapters, with odd
// sizes, rows shorter and longer than a run, and several groups of filters.

import { applyOne } from "../../../../../src/graph/graph.ts";
import {
  conv2d,
  conv2dInputGradientOp,
} from "../../../../../src/ops/conv/conv2d.ts";
import { checkKernel, type OpCase } from "../../../../support/check_op.ts";

/** [N, H, W, K, rows of zeros behind the last]. */
const shapes: readonly (readonly number[])[] = [
  [1, 1, 4, 16],
  [3, 7, 12, 16],
  [2, 32, 32, 16],
  [1, 5, 8, 48],
  [1, 5, 20, 16, 0],
  [1, 5, 8, 16, 2],
  [2, 9, 7, 16],
];

for (const [N, H, W, K, paddingEnd = 1] of shapes) {
  const x = [N!, H!, W!, 3];
  const y = [N!, H! + paddingEnd - 1, W! + paddingEnd - 1, K!];
  const geometry = { stride: 1, padding: 1, paddingEnd };
  const cases: readonly OpCase[] = [{
    name: "conv2d()",
    inputs: [
      ...[{ shape: x }, { shape: [3, 3, 3, K!] }],
      ...[{ shape: [K!] }, { shape: y }],
    ],
    build: ([x, w, shift, residual]) => [
      conv2d(x!, w!, { ...geometry, shift: shift!, residual, relu: true }),
      conv2d(x!, w!, geometry),
    ],
  }, {
    name: "conv2dInputGradientOp",
    inputs: [
      ...[{ shape: y }, { shape: [3, 3, K!, 3] }],
      ...[{ shape: x }, { shape: x }],
    ],
    build: ([dy, w, residual, mask]) => [
      applyOne(conv2dInputGradientOp, [dy!, w!, residual!, mask!], {
        ...{ ...geometry, shape: x, residual: true, mask: true },
      }),
      applyOne(conv2dInputGradientOp, [dy!, w!], { ...geometry, shape: x }),
    ],
  }];
  for (const opCase of cases) {
    Deno.test(`${opCase.name} on images agrees with float64: x (${x}), ${K} filters, ${paddingEnd} behind`, async () => {
      await checkKernel(opCase, {
        ...{ adapterClass: "software", subgroupSize: 8, form: "images" },
      });
    });
  }
}
