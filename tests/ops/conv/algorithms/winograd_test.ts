// Winograd's method: its operations against float64, that they compose to the
// convolution that is meant, on every shape of tiles and channels, in one piece and in
// many, and how much their float32 errs over the channels of real networks.

import { assert, assertEquals } from "@std/assert";
import { compile } from "../../../../src/graph/compile.ts";
import { applyOne, Graph } from "../../../../src/graph/graph.ts";
import { type Shape, Variable } from "../../../../src/graph/tensor.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
  swapChannels,
} from "../../../../src/ops/conv/conv2d.ts";
import {
  winogradConv2dOp,
  winogradFiltersOp,
} from "../../../../src/ops/conv/algorithms/winograd.ts";
import type { ConvPass } from "../../../../src/ops/conv/problem.ts";
import { negate } from "../../../../src/ops/pointwise.ts";
import { store } from "../../../../src/ops/store.ts";
import {
  type CaseInput,
  checkKernel,
  checkOp,
  type OpCase,
} from "../../../support/check_op.ts";
import { gradientsOf } from "../../../support/check_derivative.ts";
import type { Value } from "../../../support/reference.ts";
import { conv2d as definition } from "../../../support/references/linear_algebra.ts";
import {
  winogradConv2d,
  winogradFilters,
} from "../../../support/references/winograd.ts";

const TILES = [2, 4] as const;

checkOp(
  "winogradFiltersOp",
  TILES.flatMap((tile) =>
    [false, true].map((rotated) => ({
      name: `F${tile}, rotated ${rotated}`,
      inputs: [{ shape: [3, 3, 5, 6] }],
      build: ([w]) => [applyOne(winogradFiltersOp, [w!], { tile, rotated })],
      kernelOnly: true,
    }))
  ),
);

checkOp(
  "winogradConv2dOp",
  TILES.map((tile) => ({
    name: `F${tile}`,
    inputs: [
      { shape: [2, 7, 5, 6] },
      { shape: [(tile + 2) ** 2, 8, 12] },
      { shape: [10] },
      { shape: [2, 6, 6, 10] },
    ],
    build: (inputs) => [
      applyOne(winogradConv2dOp, inputs, {
        ...{ tile, mebibytes: 1, padding: 1, shape: [2, 6, 6, 10] },
        ...{ transposed: false, shift: true, residual: true, relu: true },
      }),
    ],
    kernelOnly: true,
  })),
);

Deno.test("transformed filters and products with them compose to a convolution", () => {
  const value = (shape: Shape, factor: number): Value => ({
    shape,
    data: Float64Array.from(
      { length: shape.reduce((a, b) => a * b) },
      (_, i) => Math.sin(factor * (i + 1)),
    ),
  });
  const x = value([2, 7, 9, 3], 1.7);
  const w = value([3, 3, 3, 2], 2.3);
  const shape = [2, 7, 9, 2];
  const plain = { shift: false, residual: false, relu: false };
  const geometry = { stride: 1, padding: 1, ...plain };
  const [expected] = definition([x, w], geometry, [shape]);
  for (const tile of TILES) {
    const filters = { tile, rotated: false };
    const [u] = winogradFilters([w], filters, []) as [Float64Array];
    const transformed = { shape: [(tile + 2) ** 2, 4, 4], data: u };
    const params = { tile, padding: 1, ...plain };
    const [found] = winogradConv2d([x, transformed], params, [shape]);
    found!.forEach((y, i) =>
      assert(Math.abs(y - expected![i]!) < 1e-12, `F${tile}, element ${i}`)
    );
  }
});

/** The case of one pass of a 3x3 convolution, x (N, H, W, C) to K channels. */
function caseOf(
  pass: ConvPass,
  [N, H, W, C, K, padding = 1]: readonly number[],
): OpCase {
  const x = [N!, H!, W!, C!];
  const w = [3, 3, C!, K!];
  const y = [N!, H! + 2 * padding - 2, W! + 2 * padding - 2, K!];
  const geometry = { stride: 1, padding };
  // Activations follow a ReLU; weights are as they are drawn for training.
  const positive = (shape: Shape): CaseInput => ({ shape, low: 0 });
  const size = Math.sqrt(6 / (9 * C!));
  const drawn = (shape: Shape): CaseInput => ({
    ...{ shape, low: -size, high: size },
  });
  const name = `${pass} of x (${x}) to ${K} channels, padding ${padding}`;
  const cases: Readonly<Record<ConvPass, Omit<OpCase, "name">>> = {
    "forward": {
      inputs: [positive(x), drawn(w), { shape: [K!] }, { shape: y }],
      build: ([x, w, shift, residual]) => [
        conv2d(x!, w!, { ...geometry, shift: shift!, residual, relu: true }),
      ],
    },
    "input gradient": {
      inputs: [{ shape: y }, drawn([3, 3, K!, C!])],
      build: ([dy, w]) => [
        applyOne(conv2dInputGradientOp, [dy!, w!], { ...geometry, shape: x }),
      ],
    },
    "weight gradient": {
      inputs: [positive(x), { shape: y }],
      build: ([x, dy]) => [
        applyOne(conv2dWeightGradientOp, [x!, dy!], { ...geometry, shape: w }),
      ],
    },
  };
  return { name, ...cases[pass] };
}

const PASSES: readonly ConvPass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

/** [N, H, W, C, K, padding]: odd sizes and channels, and borders of every width. */
const shapes: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1],
  [1, 7, 7, 12, 20],
  [2, 33, 31, 6, 3],
  [3, 6, 5, 5, 10, 0],
  [1, 4, 9, 3, 8, 2],
];

for (const pass of PASSES) {
  for (const sizes of shapes) {
    const opCase = caseOf(pass, sizes);
    Deno.test(`conv2d by Winograd's method agrees with float64: ${opCase.name}`, async () => {
      for (const tile of TILES) {
        for (const mebibytes of [64, 0.05]) {
          const form = `winograd ${tile} ${mebibytes}`;
          await checkKernel(opCase, { adapterClass: "gpu", form });
        }
      }
    });
  }
}

Deno.test("conv2d by Winograd's method takes the tile that a measurement chose", async () => {
  const form = "winograd 4 64 128x128x8x8";
  for (const pass of PASSES) {
    await checkKernel(caseOf(pass, [1, 9, 8, 12, 20]), {
      ...{ adapterClass: "gpu", form },
    });
  }
});

Deno.test("conv2d by Winograd's method has second derivatives", async () => {
  for (const pass of PASSES) {
    const opCase = gradientsOf(caseOf(pass, [2, 6, 7, 5, 8]));
    for (const tile of TILES) {
      const form = `winograd ${tile} 64`;
      await checkKernel(opCase, { adapterClass: "gpu", form });
    }
  }
});

/**
 * Largest error relative to the largest output. Tiles of 4 would be of no use above
 * 1e-4; what is allowed is twice what bench/winograd_error.ts finds.
 */
const ERRORS = { 2: 2e-6, 4: 8e-6 } as const;

/** [N, H, W, C, K], with the channels of ResNet-18 and WRN-34-10. */
const real: readonly (readonly number[])[] = [
  [2, 16, 16, 64, 32],
  [1, 16, 16, 160, 16],
  [1, 8, 8, 320, 16],
  [1, 8, 8, 640, 16],
];

for (const pass of PASSES) {
  for (const [N, H, W, C, K] of real) {
    // What is summed are the input's channels, the output's, or all pixels.
    const sizes = pass === "input gradient" ? [N, H, W, K, C] : [N, H, W, C, K];
    const opCase = caseOf(pass, sizes as number[]);
    Deno.test(`conv2d by Winograd's method errs little: ${opCase.name}`, async () => {
      for (const tile of TILES) {
        await checkKernel({ ...opCase, tolerance: ERRORS[tile] }, {
          ...{ adapterClass: "gpu", form: `winograd ${tile} 64` },
        });
      }
    });
  }
}

Deno.test("conv2d transforms the filters of an attack once, outside its loop", () => {
  const graph = new Graph();
  const w = graph.read(new Variable("w", [3, 3, 32, 32]));
  const state = graph.state("x", [2, 8, 8, 32]);
  store(graph.read(new Variable("start", state.shape)), state);
  graph.repeat(10, () => {
    const y = conv2d(graph.read(state), w, { padding: 1 });
    const dx = applyOne(conv2dInputGradientOp, [y, swapChannels(w)], {
      ...{ stride: 1, padding: 1, shape: state.shape },
    });
    store(negate(dx), state);
  });
  store(graph.read(state), new Variable("found", state.shape));
  const { blocks: segments } = compile(graph, {
    ...{ name: "attack", adapterClass: "gpu", form: "winograd 4 64" },
  });
  const names = segments.map(({ repeat, dispatches }) => [
    repeat,
    ...dispatches.map(({ kernel }) => kernel.name),
  ]);
  assertEquals(names, [
    [1, "copy", "winograd_filters", "swap_channels", "winograd_filters"],
    [
      10,
      ...["winograd_input", "conv2d_tiles", "winograd_output"],
      ...["winograd_input", "conv2d_tiles", "winograd_output"],
      "pointwise",
    ],
    [1, "copy"],
  ]);
});

Deno.test("conv2d by Winograd's method stays within grids and bindings, however large a batch", () => {
  for (const [side, C] of [[32, 160], [8, 640], [4, 512]] as const) {
    for (const pass of PASSES) {
      const { inputs, build } = caseOf(pass, [4096, side, side, C, C]);
      const graph = new Graph();
      const variables = inputs.map(({ shape }) => new Variable("input", shape));
      const [output] = build(variables.map((v) => graph.read(v)), variables);
      store(output!, new Variable("output", output!.shape));
      for (const form of ["winograd 2 128", "winograd 4 128"]) {
        const program = compile(graph, {
          ...{ name: pass, adapterClass: "gpu", form },
        });
        for (const { variable, size } of program.buffers) {
          assert(variable || size <= 128 * 2 ** 20, `${pass}: ${size} bytes`);
        }
        for (const { workgroups } of program.blocks[0]!.dispatches) {
          assert(workgroups.every((count) => count <= 65_535), `${workgroups}`);
        }
      }
    }
  }
});

Deno.test("the sums of weight gradients by Winograd's method fill a GPU, in few parts", () => {
  const shapes = [[32, 160], [16, 320], [8, 640], [32, 64], [16, 128], [
    4,
    512,
  ]];
  for (const [side, C] of shapes as [number, number][]) {
    const { inputs, build } = caseOf("weight gradient", [
      ...[128, side, side, C, C],
    ]);
    const graph = new Graph();
    const variables = inputs.map(({ shape }) => new Variable("input", shape));
    const [output] = build(variables.map((v) => graph.read(v)), variables);
    store(output!, new Variable("output", output!.shape));
    const { blocks: segments } = compile(graph, {
      ...{ name: "dw", adapterClass: "gpu", form: "winograd 4 128" },
    });
    const { workgroups: [x, y, z] } = segments[0]!.dispatches
      .find(({ flops }) => flops)!;
    assert(x * y * z >= 400, `${C} at ${side}: ${x} x ${y} x ${z}`);
    assert(z / 36 <= 16, `${C} at ${side}: ${z / 36} parts`);
  }
});
