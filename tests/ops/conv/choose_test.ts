// The choice of a convolution's algorithm: by name, by measurement, by arithmetic. It
// is data and arithmetic, so it is looked at without a device.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Target } from "../../../src/gpu/device.ts";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import type { ConvAlgorithm } from "../../../src/ops/conv/algorithm.ts";
import { direct } from "../../../src/ops/conv/algorithms/direct.ts";
import { ALGORITHMS } from "../../../src/ops/conv/algorithms/mod.ts";
import {
  chooseAlgorithm,
  supportedAlgorithms,
} from "../../../src/ops/conv/choose.ts";
import { conv2d } from "../../../src/ops/conv/conv2d.ts";
import {
  type ConvPass,
  type ConvProblem,
  problemKey,
} from "../../../src/ops/conv/problem.ts";
import { store } from "../../../src/ops/store.ts";
import { PASSES } from "../../support/convolutions.ts";

const GPU: Target = { adapterClass: "gpu", subgroupSize: 32 };
const SIMD: Target = { adapterClass: "software", subgroupSize: 8 };

/** A convolution of square images with stride 1 and as much padding as it needs. */
function square(
  { N = 128, side, C, K = C, R = 3 }: {
    readonly N?: number;
    readonly side: number;
    readonly C: number;
    readonly K?: number;
    readonly R?: number;
  },
): ConvProblem {
  const sizes = { N, H: side, W: side, P: side, Q: side, C, K, R, S: R };
  return { ...sizes, stride: 1, padding: (R - 1) / 2 };
}

/** The name of what is chosen. */
function chosen(
  problem: ConvProblem,
  { pass = "forward", target = GPU, half = false }: {
    readonly pass?: ConvPass;
    readonly target?: Target;
    readonly half?: boolean;
  } = {},
): string {
  return chooseAlgorithm({ pass, problem, target, half }).name;
}

Deno.test("ALGORITHMS and their variants have names of their own", () => {
  const names = ALGORITHMS.flatMap(({ name, variants = [] }) => [
    name,
    ...variants.map((variant) => variant.name),
  ]);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("supportedAlgorithms() are those that can be asked for", () => {
  const problem = square({ side: 32, C: 160 });
  for (const pass of PASSES) {
    for (const target of [GPU, { ...GPU, subgroupSize: 8 }]) {
      const all = supportedAlgorithms({ pass, problem, target });
      assert(all.length > 10);
      for (const { name } of all) {
        const asked = { ...target, algorithm: name };
        assertEquals(chosen(problem, { pass, target: asked }), name);
      }
    }
  }
});

Deno.test("chooseAlgorithm() takes the algorithm that is asked for, where it supports the pass", () => {
  const algorithm = "winograd 2 64";
  const target = { ...GPU, algorithm };
  assertEquals(chosen(square({ side: 8, C: 8 }), { target }), algorithm);
  const one = square({ side: 8, C: 8, R: 1 });
  assertEquals(chosen(one, { target }), chosen(one));
});

Deno.test("chooseAlgorithm() refuses a name that no algorithm has", () => {
  for (const algorithm of ["wino", "winograd", "winograd 3 64", "gemm 1x2"]) {
    assertThrows(
      () =>
        chosen(square({ side: 8, C: 8 }), { target: { ...GPU, algorithm } }),
      RangeError,
      `but found "${algorithm}"`,
    );
  }
});

Deno.test("chooseAlgorithm() prefers what was measured on this device, whatever the batch", () => {
  const problem = square({ side: 32, C: 160 });
  const key = problemKey("forward", square({ N: 8, side: 32, C: 160 }));
  const target = { ...GPU, tuned: { [key]: "winograd 4 16" } };
  assertEquals(chosen(problem, { target }), "winograd 4 16");
  // It was measured for this pass alone, and a name that is asked for comes first.
  const pass = "input gradient";
  assertEquals(chosen(problem, { pass, target }), chosen(problem, { pass }));
  const asked = { ...target, algorithm: "direct" };
  assertEquals(chosen(problem, { target: asked }), "direct");
});

Deno.test("compile() follows the measurements of a target", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [2, 8, 8, 16]));
  const y = conv2d(x, new Variable("w", [3, 3, 16, 16]), { padding: 1 });
  store(y, new Variable("y", y.shape));
  const kernels = (tuned: Record<string, string>) =>
    compile(graph, { name: "tuned", ...GPU, tuned }).blocks
      .flatMap(({ dispatches }) => dispatches)
      .map(({ kernel: { name } }) => name);
  const key = "forward 3x3 16->16 at 8x8";
  assertEquals(kernels({}), ["conv_implicit_gemm"]);
  assertEquals(kernels({ [key]: "direct" }), ["conv_direct_forward"]);
  assertEquals(kernels({ [key]: "winograd 2 64" }), [
    "winograd_filters",
    "winograd_input",
    "conv_implicit_gemm",
    "winograd_output",
  ]);
});

Deno.test("chooseAlgorithm() passes over measurements that it cannot follow", () => {
  const problem = { ...square({ side: 32, C: 160 }), stride: 2 };
  const key = problemKey("forward", problem);
  for (const name of ["", "no such algorithm", "winograd 4 64", "simd"]) {
    const target = { ...GPU, tuned: { [key]: name } };
    assertEquals(chosen(problem, { target }), "implicitGemm");
  }
  const half = { target: { ...GPU, tuned: { [key]: "simd" } }, half: true };
  assertEquals(chosen(problem, half), "implicitGemm");
});

Deno.test("chooseAlgorithm() takes an algorithm of one's own where it is cheapest", () => {
  const toy: ConvAlgorithm = {
    name: "toy",
    supports: ({ problem: { R, S } }) => R === 1 && S === 1,
    cost: ({ problem: { C } }) => C < 64 ? 1 : Infinity,
    lower: { "forward": direct.lower["forward"] },
  };
  const choose = (problem: ConvProblem, pass: ConvPass = "forward") =>
    chooseAlgorithm({ pass, problem, target: GPU }, [...ALGORITHMS, toy]).name;
  assertEquals(choose(square({ side: 8, C: 32, R: 1 })), "toy");
  // It is dear with many channels, and has neither 3x3 filters nor gradients.
  assertEquals(choose(square({ side: 8, C: 64, R: 1 })), "implicitGemm");
  assertEquals(choose(square({ side: 8, C: 32 })), "implicitGemm");
  const one = square({ side: 8, C: 32, R: 1 });
  assertEquals(choose(one, "weight gradient"), "implicitGemm");
});

Deno.test("chooseAlgorithm() transforms on GPUs where the arithmetic saved is worth its traffic", () => {
  const kinds = (problem: ConvProblem) =>
    PASSES.map((pass) => chosen(problem, { pass }).split(" ")[0]!);
  for (const [side, C] of [[32, 160], [16, 320], [8, 640], [8, 256]] as const) {
    const all = ["winograd", "winograd", "winograd"];
    assertEquals(kinds(square({ side, C })), all, `${C} channels`);
  }
  const products = ["implicitGemm", "implicitGemm", "implicitGemm"];
  const images = ["fewChannels", "fewChannels", "implicitGemm"];
  assertEquals(kinds(square({ side: 32, C: 3, K: 64 })), images);
  assertEquals(kinds(square({ N: 4, side: 8, C: 16 })), products);
  assertEquals(kinds({ ...square({ side: 32, C: 160 }), stride: 2 }), products);
});

Deno.test("chooseAlgorithm() takes SIMD lanes on software adapters that have them", () => {
  const names = (problem: ConvProblem, target = SIMD) =>
    PASSES.map((pass) => chosen(problem, { pass, target }));
  const strips = square({ side: 32, C: 16 });
  assertEquals(names(strips), ["simdWinograd", "simdWinograd", "simd"]);
  const images = square({ side: 32, C: 3, K: 16 });
  assertEquals(names(images), ["simdRgb", "simdRgb", "simd"]);
  const half = { ...square({ side: 32, C: 32 }), P: 16, Q: 16, stride: 2 };
  assertEquals(names(half), ["simd", "simdStride2", "simd"]);
  const wide = square({ side: 32, C: 64 });
  assertEquals(names(wide), ["winograd 2 8", "winograd 2 8", "simd"]);
});

Deno.test("chooseAlgorithm() takes SIMD lanes of any width, and leaves some of wide ones idle", () => {
  const names = (problem: ConvProblem, subgroupSize: number) =>
    PASSES.map((pass) => {
      const target: Target = { adapterClass: "software", subgroupSize };
      return chosen(problem, { pass, target });
    });
  const strips = square({ side: 32, C: 16 });
  const images = square({ side: 32, C: 3, K: 16 });
  for (const problem of [strips, images]) {
    assertEquals(names(problem, 4), ["simd", "simd", "simd"]);
    assertEquals(names(problem, 16), names(problem, 8));
    assertEquals(names(problem, 32), names(problem, 8));
    // Subgroups of unknown or of varying sizes.
    assertEquals(names(problem, 0), ["direct", "direct", "direct"]);
  }
});

Deno.test("chooseAlgorithm() stays with those that take half precision", () => {
  const images = square({ side: 32, C: 3, K: 64 });
  assertEquals(chosen(images, { half: true }), "implicitGemm");
  assertEquals(chosen(images, { target: SIMD, half: true }), "widened");
});

Deno.test("chooseAlgorithm() binds no more than every device can", () => {
  // 36 matrices of 1024 x 1024 are more than 128 MiB.
  const wide = chosen(square({ side: 8, C: 1024 }));
  assert(!wide.startsWith("winograd 4"));
  // Each of the many pieces of a large batch has sums of its own.
  const large = square({ N: 60_000, side: 32, C: 160 });
  assertEquals(chosen(large, { pass: "weight gradient" }), "implicitGemm");
});
