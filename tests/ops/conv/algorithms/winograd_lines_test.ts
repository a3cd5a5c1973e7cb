// Winograd's method by lines, against float64: sizes that neither tiles nor workgroups
// divide, in each direction, with all that an epilogue adds, and in pieces.

import { assert, assertEquals } from "@std/assert";
import { compile } from "../../../../src/graph/compile.ts";
import { trafficOf } from "../../../../src/graph/cost.ts";
import { applyOne, Graph } from "../../../../src/graph/graph.ts";
import { Variable } from "../../../../src/graph/tensor.ts";
import {
  winogradLines,
  winogradLinesConv2dOp,
} from "../../../../src/ops/conv/algorithms/winograd_lines.ts";
import { winograd4 } from "../../../../src/ops/conv/algorithms/winograd.ts";
import { store } from "../../../../src/ops/store.ts";
import { checkKernel, checkOp } from "../../../support/check_op.ts";
import { passCase, problemOf } from "../../../support/convolutions.ts";

const GPU = { adapterClass: "gpu", algorithm: "winograd lines" } as const;

for (
  const sizes of [
    // Less than a workgroup's tiles and filters, and more than one of each; 80 filters in
    // a workgroup and 64, steps in pairs and single ones.
    [1, 5, 3, 4, 12, 3, 3, 1, 1],
    [3, 13, 21, 8, 80, 3, 3, 1, 1],
    [2, 17, 23, 12, 68, 3, 3, 1, 0],
    [1, 6, 8, 8, 4, 3, 3, 1, 2],
  ] as const
) {
  for (const pass of ["forward", "input gradient"] as const) {
    const opCase = passCase(pass, sizes, { fused: pass === "forward" });
    Deno.test(`transforms along lines agree with float64: ${opCase.name}`, async () => {
      await checkKernel(opCase, GPU);
    });
  }
}

checkOp("winogradLinesConv2dOp", [{
  name: "all that an epilogue adds",
  inputs: [
    { shape: [2, 7, 5, 8] },
    { shape: [36, 8, 12] },
    { shape: [12] },
    { shape: [2, 6, 6, 12] },
  ],
  build: (inputs) => [
    applyOne(winogradLinesConv2dOp, inputs, {
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

Deno.test("winogradLines is cheaper on GPUs than tiles stored whole for large images", () => {
  const isCheaper = (side: number, width: number) => {
    const sizes = [128, side, side, width, width, 3, 3, 1, 1] as const;
    const target = { adapterClass: "gpu" } as const;
    const problem = problemOf(sizes);
    const request = { pass: "forward", problem, target } as const;
    assert(winogradLines.supports(request));
    return winogradLines.cost(request) < winograd4.cost(request);
  };
  assertEquals(isCheaper(32, 160), true);
  assertEquals(isCheaper(8, 640), false);
});

Deno.test("winogradLines moves 8 images where tiles that are stored whole move 11", () => {
  const [N, side, C] = [128, 32, 160];
  const images = (algorithm: string) => {
    const graph = new Graph();
    const x = graph.read(new Variable("x", [N, side, side, C]));
    const w = graph.read(new Variable("w", [3, 3, C, C]));
    const { build } = passCase("forward", [N, side, side, C, C, 3, 3, 1, 1]);
    const [y] = build([x, w], []);
    store(y!, new Variable("y", y!.shape));
    const target = { adapterClass: "gpu", algorithm } as const;
    const { blocks } = compile(graph, { name: "lines", ...target });
    const bytes = blocks[0]!.dispatches.reduce(
      (sum, dispatch) => sum + trafficOf(dispatch),
      0,
    );
    return bytes / (4 * N * side * side * C);
  };
  // Filters are a few percent of an image.
  assertEquals(Math.round(images("winograd lines")), 8);
  assertEquals(Math.round(images("winograd 4 64")), 11);
});

Deno.test("winogradLines stays within grids and bindings, however large a batch", () => {
  for (const [side, C] of [[32, 160], [8, 640], [4, 512]] as const) {
    const graph = new Graph();
    const x = graph.read(new Variable("x", [4096, side, side, C]));
    const w = graph.read(new Variable("w", [3, 3, C, C]));
    const { build } = passCase("forward", [4096, side, side, C, C, 3, 3, 1, 1]);
    const [y] = build([x, w], []);
    store(y!, new Variable("y", y!.shape));
    const program = compile(graph, { name: "large", ...GPU });
    for (const { variable, size } of program.buffers) {
      assert(variable || size <= 128 * 2 ** 20, `${size} bytes`);
    }
    for (const { workgroups } of program.blocks[0]!.dispatches) {
      assert(workgroups.every((count) => count <= 65_535), `${workgroups}`);
    }
  }
});
