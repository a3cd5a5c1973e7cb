// Every operation that takes half precision, in half precision, against float64:
// inputs are numbers that f16 holds, what comes out is widened, and what is summed
// in between is f32. So each result was rounded as often as it was stored.
//
// One rounding is at most 2^-11 of a number, and tolerances are relative to the
// largest element. Results that pass through several stored values, as gradients of
// normalizations do, are allowed a rounding for each of them.

import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { type Shape, type Tensor, Variable } from "../../src/graph/tensor.ts";
import { batchNorm } from "../../src/ops/norm/batch_norm.ts";
import { cast } from "../../src/ops/cast.ts";
import { channelAffine } from "../../src/ops/norm/channel_affine.ts";
import { conv2d } from "../../src/ops/conv/conv2d.ts";
import { concat } from "../../src/ops/concat.ts";
import { grad } from "../../src/ops/grad.ts";
import { linear } from "../../src/ops/matmul.ts";
import { add, exp, maximum, multiply, relu } from "../../src/ops/pointwise.ts";
import { layerNorm } from "../../src/ops/norm/layer_norm.ts";
import { avgPool2d } from "../../src/ops/pool/average_pool.ts";
import { maxPool2d } from "../../src/ops/pool/max_pool.ts";
import { globalAveragePool } from "../../src/ops/reduce/pool.ts";
import { mean, sum } from "../../src/ops/reduce/reduce.ts";
import { reshape } from "../../src/ops/reshape.ts";
import { uniform } from "../../src/base/random_sequence.ts";
import { sizeOf } from "../../src/graph/tensor.ts";
import { gradientsOf } from "../support/check_derivative.ts";
import {
  type CaseInput,
  checkKernel,
  checkOp,
  type OpCase,
} from "../support/check_op.ts";

/** The largest relative error of rounding to f16. */
const ROUNDING = 2 ** -11;

/** An input of numbers that f16 holds; they enter the operation as f16. */
function half(shape: Shape, low = -1, high = 1): CaseInput {
  const random = { seed: 5, stream: `half/${shape}/${low}`, step: 0 };
  const values = uniform(random, sizeOf(shape))
    .map((u) => Math.f16round(low + (high - low) * u));
  return { shape, values: [...values] };
}

interface HalfCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  /** How many of the inputs, from the first on, are narrowed. */
  readonly narrow: number;
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  /** Roundings that a gradient goes through, one for a value. */
  readonly roundings: number;
}

/** The operation of a case in half precision. */
function narrowed({ name, inputs, narrow, build }: HalfCase): OpCase {
  return {
    name,
    inputs,
    kernelOnly: true,
    tolerance: ROUNDING,
    build: (inputs) => {
      const given = inputs.map((x, i) => i < narrow ? cast(x, "f16") : x);
      return [cast(build(given), "f32")];
    },
  };
}

/** The gradients of a case in half precision. */
function narrowedGradients(given: HalfCase): OpCase {
  const opCase = narrowed(given);
  const { inputs, ...gradients } = gradientsOf(opCase);
  return {
    ...gradients,
    // The cotangent comes last; other numbers than x, to be no multiple of it.
    inputs: inputs.map((input, i) =>
      i < opCase.inputs.length ? input : half(input.shape, -2, 2)
    ),
    tolerance: given.roundings * ROUNDING,
  };
}

/** The kernels of cases and of their derivatives, in half precision. */
function checkHalf(name: string, cases: readonly HalfCase[]): void {
  checkOp(`${name} in half precision`, cases.map(narrowed));
  checkOp(
    `${name} derivative in half precision`,
    cases.map(narrowedGradients),
  );
}

// 61 numbers are taken one at a time, and end in half a word.
checkHalf(
  "pointwise",
  [[61], [4, 16]].flatMap((shape): HalfCase[] => [
    {
      name: `add (${shape})`,
      inputs: [half(shape), half(shape, 0)],
      narrow: 2,
      build: ([a, b]) => add(a!, b!),
      roundings: 2,
    },
    {
      name: `relu (${shape})`,
      inputs: [half(shape)],
      narrow: 1,
      build: ([a]) => relu(a!),
      roundings: 2,
    },
    {
      name: `exp (${shape})`,
      inputs: [half(shape)],
      narrow: 1,
      build: ([a]) => exp(a!),
      roundings: 3,
    },
    {
      name: `multiply (${shape})`,
      inputs: [half(shape), half(shape, 0)],
      narrow: 2,
      build: ([a, b]) => multiply(a!, b!),
      roundings: 2,
    },
    {
      name: `maximum (${shape}) with one of a row`,
      inputs: [half(shape), half([1], 0)],
      narrow: 2,
      build: ([a, b]) => maximum(a!, b!),
      roundings: 2,
    },
  ]),
);

/** [N, H, W, C, K, R, stride, padding]: odd sizes, images, and whole vectors. */
const convolutions = [
  [2, 5, 7, 3, 5, 3, 1, 1],
  [9, 32, 32, 3, 16, 3, 1, 1],
  [1, 9, 6, 20, 36, 3, 1, 1],
  [2, 9, 9, 16, 24, 3, 2, 1],
  [5, 4, 4, 12, 4, 1, 2, 0],
] as const;

const convolved = convolutions.flatMap(
  ([N, H, W, C, K, R, stride, padding]): HalfCase[] => {
    const geometry = { stride, padding };
    const out = (size: number) =>
      Math.floor((size + 2 * padding - R) / stride) + 1;
    const name = `${N}x${H}x${W}x${C} with ${K} of ${R}x${R} / ${stride}`;
    const x = half([N, H, W, C]), w = half([R, R, C, K]);
    return [
      {
        name,
        inputs: [x, w],
        narrow: 2,
        build: ([x, w]) => conv2d(x!, w!, geometry),
        roundings: 2,
      },
      {
        name: `${name}, shifted, added to and rectified`,
        inputs: [x, half([N, out(H), out(W), K]), w, { shape: [K] }],
        narrow: 2,
        build: ([x, residual, w, shift]) =>
          conv2d(x!, w!, { ...geometry, residual, shift: shift!, relu: true }),
        roundings: 2,
      },
    ];
  },
);

checkHalf("conv2d()", convolved);

for (const algorithm of ["winograd 2 16", "winograd 4 16", "winograd lines"]) {
  const target = { adapterClass: "gpu", algorithm } as const;
  Deno.test(`conv2d() in half precision agrees with float64 by ${algorithm}`, async () => {
    for (const given of [...convolved.slice(0, 2), ...convolved.slice(4, 6)]) {
      await checkKernel(narrowed(given), target);
      await checkKernel(narrowedGradients(given), target);
    }
  });
}

const flags = [[false, false], [true, false], [false, true], [true, true]];
const vectors = [[2, 3, 3, 3], [3, 4, 5, 16]];

checkHalf(
  "channelAffine()",
  vectors.flatMap((shape) =>
    flags.map(([relu, added]): HalfCase => ({
      name: `(${shape})${relu ? " relu" : ""}${added ? " residual" : ""}`,
      inputs: [
        half(shape),
        ...(added ? [half(shape, 0)] : []),
        { shape: [shape.at(-1)!], low: 0.5, high: 1.5 },
        { shape: [shape.at(-1)!] },
      ],
      narrow: added ? 2 : 1,
      build: (inputs) =>
        channelAffine(inputs[0]!, {
          scale: inputs.at(-2)!,
          shift: inputs.at(-1)!,
          relu: relu!,
          residual: added ? inputs[1] : undefined,
        }),
      roundings: 3,
    }))
  ),
);

checkHalf(
  "batchNorm()",
  vectors.flatMap((shape) =>
    flags.map(([relu, added]): HalfCase => ({
      name: `(${shape})${relu ? " relu" : ""}${added ? " residual" : ""}`,
      inputs: [
        half(shape),
        ...(added ? [half(shape, 0)] : []),
        { shape: [shape.at(-1)!], low: 0.5, high: 1.5 },
        { shape: [shape.at(-1)!] },
      ],
      narrow: added ? 2 : 1,
      build: (inputs) =>
        batchNorm(inputs[0]!, {
          gamma: inputs.at(-2)!,
          beta: inputs.at(-1)!,
          epsilon: 1e-5,
          relu: relu!,
          residual: added ? inputs[1] : undefined,
        }).y,
      roundings: 3,
    }))
  ),
);

checkHalf("sums", [
  {
    name: "of 40,000 numbers, in f32",
    inputs: [half([40_000], 0)],
    narrow: 1,
    build: ([x]) => sum(x!),
    roundings: 2,
  },
  {
    name: "of columns",
    inputs: [half([33, 5])],
    narrow: 1,
    build: ([x]) => mean(x!, { start: 0, end: 1 }),
    roundings: 2,
  },
  {
    name: "of images",
    inputs: [half([3, 8, 8, 20])],
    narrow: 1,
    build: ([x]) => globalAveragePool(x!),
    roundings: 2,
  },
]);

checkHalf("structure", [
  {
    name: "reshape (61)",
    inputs: [half([61])],
    narrow: 1,
    build: ([x]) => reshape(x!, [61, 1]),
    roundings: 2,
  },
  {
    name: "concat (5, 3) and (5, 2)",
    inputs: [half([5, 3]), half([5, 2])],
    narrow: 2,
    build: (inputs) => concat(inputs),
    roundings: 2,
  },
  {
    name: "maxPool2d()",
    inputs: [half([1, 5, 5, 3])],
    narrow: 1,
    build: ([x]) => maxPool2d(x!, { kernelSize: 3, stride: 2, padding: 1 }),
    roundings: 3,
  },
  {
    name: "avgPool2d()",
    inputs: [half([1, 5, 5, 3])],
    narrow: 1,
    build: ([x]) => avgPool2d(x!, { kernelSize: 3, stride: 2, padding: 1 }),
    roundings: 3,
  },
  {
    name: "layerNorm()",
    inputs: [half([4, 6]), { shape: [6] }, { shape: [6] }],
    narrow: 1,
    build: ([x, weight, bias]) =>
      layerNorm(x!, { weight: weight!, bias: bias! }),
    roundings: 3,
  },
]);

Deno.test("a network keeps the precision of its images up to its features", () => {
  const graph = new Graph();
  const x = cast(graph.read(new Variable("x", [2, 4, 4, 3])), "f16");
  const w = new Variable("w", [3, 3, 3, 8]);
  const y = conv2d(x, w, { padding: 1 });
  const features = globalAveragePool(relu(y));
  assertEquals([x, y, features].map(({ dtype }) => dtype), [
    "f16",
    "f16",
    "f32",
  ]);
  const [dx, dw] = grad(sum(features), [x, w]);
  assertEquals([dx!.dtype, dw!.dtype], ["f16", "f32"]);
});

Deno.test("cast() leaves what has the precision as it is", () => {
  const x = new Graph().read(new Variable("x", [2]));
  assertEquals(cast(x, "f32"), x);
  const narrow = cast(x, "f16");
  assertEquals(cast(narrow, "f16"), narrow);
});

Deno.test("half precision is refused where nothing is made for it, and as state", () => {
  const graph = new Graph();
  const x = cast(graph.read(new Variable("x", [2, 4])), "f16");
  const weight = new Variable("weight", [4, 3]);
  const bias = new Variable("bias", [3]);
  assertThrows(
    () => linear(x, { weight, bias }),
    TypeError,
    'Cannot matmul: expected f32 but found f16 (2, 4), which cast(x, "f32") widens',
  );
  assertThrows(
    () => add(x, graph.read(new Variable("shift", [4]))),
    TypeError,
    "Cannot add: expected f16 inputs but found f32 (4)",
  );
  assertThrows(
    () => new Variable("weights", [4], "f16"),
    TypeError,
    "Cannot keep weights: expected state to be f32 or u32 but found f16",
  );
});
