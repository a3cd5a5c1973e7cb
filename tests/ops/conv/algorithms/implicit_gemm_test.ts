// Implicit GEMM in every tile that is chosen by arithmetic, each over several tiles that
// the sizes do not divide, with channels that no step divides. The table of
// algorithms_test.ts runs the same kernels on small shapes, which all take small tiles.

import { assert, assertEquals } from "@std/assert";
import type { Dispatch } from "../../../../src/gpu/program.ts";
import { compile } from "../../../../src/graph/compile.ts";
import { Graph } from "../../../../src/graph/graph.ts";
import { Variable } from "../../../../src/graph/tensor.ts";
import {
  type Tile,
  tileFor,
} from "../../../../src/ops/conv/algorithms/gemm_tile.ts";
import type { ConvPass } from "../../../../src/ops/conv/problem.ts";
import { store } from "../../../../src/ops/store.ts";
import { checkKernel, type OpCase } from "../../../support/check_op.ts";
import {
  type ConvolutionRow,
  passCase,
  PASSES,
} from "../../../support/convolutions.ts";

const GPU = { adapterClass: "gpu", algorithm: "implicitGemm" } as const;

/** The dispatch that does a case's arithmetic, as it is compiled for a GPU. */
function dispatchOf({ name, inputs, build }: OpCase): Dispatch {
  const graph = new Graph();
  const variables = inputs.map(({ shape }, i) => new Variable(`${i}`, shape));
  const [output] = build(variables.map((v) => graph.read(v)), variables);
  store(output!, new Variable("output", output!.shape));
  return compile(graph, { name, ...GPU }).blocks[0]!.dispatches
    .find(({ flops }) => flops)!;
}

/** A pass, its sizes, and the tile and grid that it is expected to take. */
const cases: readonly [
  ConvPass,
  ConvolutionRow,
  string,
  Dispatch["workgroups"],
][] = [
  ["forward", [36, 32, 32, 12, 60, 1, 2, 1, 1], "128x64", [1, 316, 1]],
  ["forward", [19, 33, 31, 4, 136, 1, 2, 1, 0], "128x80", [2, 147, 1]],
  ["forward", [70, 31, 33, 8, 28, 3, 1, 1, 1], "128x32", [1, 594, 1]],
  ["forward", [9, 33, 31, 20, 12, 3, 3, 2, 1], "128x16", [1, 20, 1]],
  ["forward", [9, 12, 13, 20, 76, 3, 3, 2, 1], "64x64", [2, 6, 1]],
  ["forward", [11, 17, 16, 36, 28, 3, 3, 1, 1], "64x32", [1, 47, 1]],
  ["input gradient", [61, 34, 35, 72, 4, 3, 3, 2, 1], "128x80", [1, 146, 4]],
  ["input gradient", [9, 23, 26, 76, 20, 5, 4, 3, 2], "64x64", [2, 11, 9]],
  ["input gradient", [30, 21, 20, 28, 36, 1, 1, 2, 0], "64x32", [1, 52, 4]],
  // Steps that are written out in pairs and in fours.
  ["forward", [3, 9, 7, 16, 28, 3, 3, 1, 1], "64x64", [1, 3, 1]],
  ["input gradient", [2, 11, 13, 28, 32, 5, 4, 3, 2], "64x64", [1, 1, 9]],
  ["weight gradient", [8, 8, 6, 12, 28, 3, 3, 1, 1], "128x32", [1, 1, 2]],
  ["weight gradient", [3, 16, 15, 64, 60, 3, 3, 1, 1], "128x64", [1, 5, 3]],
  ["weight gradient", [5, 23, 22, 12, 140, 3, 3, 2, 1], "128x80", [2, 1, 3]],
  ["weight gradient", [40, 4, 3, 12, 28, 3, 3, 1, 1], "128x32", [1, 1, 2]],
  ["weight gradient", [2, 19, 17, 28, 12, 3, 3, 1, 1], "128x16", [1, 2, 3]],
  ["weight gradient", [50, 3, 3, 60, 60, 1, 1, 1, 0], "64x64", [1, 1, 2]],
  ["weight gradient", [300, 3, 1, 60, 28, 1, 1, 2, 0], "64x32", [1, 1, 3]],
];

for (const [pass, sizes, tile, workgroups] of cases) {
  const opCase = passCase(pass, sizes, { fused: pass === "forward" });
  Deno.test(`implicit GEMM in tiles of ${tile} agree with float64: ${opCase.name}`, async () => {
    const dispatch = dispatchOf(opCase);
    const { TILE_M, TILE_N } = dispatch.kernel.constants;
    assertEquals(`${TILE_M}x${TILE_N}`, tile);
    assertEquals(dispatch.workgroups, workgroups);
    await checkKernel(opCase, GPU);
  });
}

/** The 3x3 convolutions of a WRN-34-10 and a ResNet-18, in batches of 128. */
const networkRows: ConvolutionRow[] = [
  ...[[32, 160], [16, 320], [8, 640]],
  ...[[32, 64], [16, 128], [8, 256], [4, 512]],
].map(([size, width]) => [128, size!, size!, width!, width!, 3, 3, 1, 1]);

Deno.test("implicit GEMM's weight gradients of the networks fill a GPU with parts", () => {
  for (const sizes of networkRows) {
    const { workgroups: [x, y, z] } = dispatchOf(
      passCase("weight gradient", sizes),
    );
    assert(x * y * z >= 500, `${sizes}: ${x} x ${y} x ${z} workgroups`);
    assert(z <= 128, `${sizes}: ${z} parts`);
  }
});

Deno.test("implicit GEMM stays within the limits of a grid and a loop, however large a batch", () => {
  const sizes = [60_000, 32, 32, 16, 16, 3, 3, 1, 1];
  for (const pass of PASSES) {
    const { workgroups, arguments: { part, pixels } = {}, kernel } = dispatchOf(
      passCase(pass, sizes),
    );
    assert(workgroups.every((count) => count <= 65_535), `${workgroups}`);
    const [, tiles, folds] = workgroups;
    if (part === undefined) {
      assert(tiles * folds * Number(kernel.constants["TILE_M"]) >= pixels!);
    } else assert(part / Number(kernel.constants["DEPTH"]) < 65_535, `${part}`);
  }
});

Deno.test("tileFor() fits WebGPU's default limits and wastes few filters", () => {
  const fits = ({ TILE_M, TILE_N, ROWS }: Tile) => {
    // Two sides of eight steps of depth, four bytes a value.
    assert(2 * 8 * 4 * (TILE_M + TILE_N) <= 16_384);
    assert(TILE_M / ROWS * (TILE_N / 8) <= 256);
  };
  for (const rows of [1, 100, 2_048, 8_192, 131_072, 10_000_000]) {
    for (const filters of [4, 16, 32, 64, 96, 160, 320, 640]) {
      const tile = tileFor({ rows, filters });
      fits(tile);
      if (rows < 100_000) continue;
      const computed = Math.ceil(filters / tile.TILE_N) * tile.TILE_N;
      assertEquals(computed, Math.max(16, filters), `${filters} filters`);
    }
  }
});
