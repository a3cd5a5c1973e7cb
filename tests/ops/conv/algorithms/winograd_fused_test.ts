// Winograd's method in one kernel, against float64: sizes that neither tiles nor workgroups
// divide, in each direction, with all that an epilogue adds.

import { assert, assertEquals } from "@std/assert";
import { applyOne } from "../../../../src/graph/graph.ts";
import {
  winogradFused,
  winogradFusedConv2dOp,
} from "../../../../src/ops/conv/algorithms/winograd_fused.ts";
import { winograd4 } from "../../../../src/ops/conv/algorithms/winograd.ts";
import { checkKernel, checkOp } from "../../../support/check_op.ts";
import { passCase, problemOf } from "../../../support/convolutions.ts";

const GPU = { adapterClass: "gpu", algorithm: "winograd fused" } as const;

for (
  const sizes of [
    // Less than a workgroup's tiles and filters, and more than one of each.
    [1, 5, 3, 4, 12, 3, 3, 1, 1],
    [3, 13, 11, 12, 40, 3, 3, 1, 1],
    [2, 9, 7, 8, 36, 3, 3, 1, 0],
    [1, 6, 8, 8, 4, 3, 3, 1, 2],
  ] as const
) {
  for (const pass of ["forward", "input gradient"] as const) {
    const opCase = passCase(pass, sizes, { fused: pass === "forward" });
    Deno.test(`fused transforms agree with float64: ${opCase.name}`, async () => {
      await checkKernel(opCase, GPU);
    });
  }
}

checkOp("winogradFusedConv2dOp", [{
  name: "all that an epilogue adds",
  inputs: [
    { shape: [2, 7, 5, 8] },
    { shape: [16, 8, 12] },
    { shape: [12] },
    { shape: [2, 6, 6, 12] },
  ],
  build: (inputs) => [
    applyOne(winogradFusedConv2dOp, inputs, {
      padding: 1,
      shape: [2, 6, 6, 12],
      transposed: false,
      shift: true,
      residual: true,
      relu: true,
    }),
  ],
  kernelOnly: true,
}]);

Deno.test("winogradFused is cheaper on GPUs than tiles of 4 for few channels, and dearer for many", () => {
  const isCheaper = (side: number, width: number) => {
    const sizes = [128, side, side, width, width, 3, 3, 1, 1] as const;
    const target = { adapterClass: "gpu" } as const;
    const problem = problemOf(sizes);
    const request = { pass: "forward", problem, target } as const;
    assert(winogradFused.supports(request));
    return winogradFused.cost(request) < winograd4.cost(request);
  };
  assertEquals(isCheaper(32, 64), true);
  assertEquals(isCheaper(8, 640), false);
});
