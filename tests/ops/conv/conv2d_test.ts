import { assertThrows } from "@std/assert";
import { applyOne, Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import {
  conv2d,
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
  type ConvGeometry,
  swapChannels,
} from "../../../src/ops/conv/conv2d.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";

/** [N, H, W, C, K, R, S, stride, padding, zeros at the end where they differ] */
const shapes: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 1, 1, 1, 0],
  [2, 5, 7, 3, 5, 3, 3, 1, 1],
  [2, 5, 7, 3, 4, 3, 3, 2, 1],
  [3, 6, 6, 4, 8, 1, 1, 2, 0],
  [1, 4, 9, 8, 12, 3, 3, 1, 1],
  [2, 7, 5, 4, 20, 3, 3, 2, 1],
  [2, 8, 8, 16, 16, 3, 3, 1, 1],
  [1, 9, 6, 20, 36, 3, 3, 1, 1],
  [5, 4, 4, 12, 4, 1, 1, 1, 0],
  [1, 6, 5, 2, 3, 3, 2, 1, 0],
  [1, 7, 8, 4, 4, 5, 5, 3, 2],
  [2, 16, 16, 32, 32, 3, 3, 2, 1],
  [2, 9, 9, 48, 40, 3, 3, 1, 1],
  // TensorFlow's "SAME" padding of a strided filter.
  [2, 6, 8, 3, 5, 3, 3, 2, 0, 1],
  [2, 16, 16, 32, 32, 3, 3, 2, 0, 1],
  [1, 5, 6, 4, 8, 3, 3, 1, 2, 0],
  // Images of few channels, in rows that no group of pixels divides.
  [3, 7, 17, 1, 8, 5, 5, 1, 2],
  [2, 9, 11, 2, 16, 3, 3, 2, 1],
  [2, 10, 33, 3, 40, 3, 3, 1, 1],
  [2, 5, 6, 3, 4, 3, 2, 1, 0],
  // Channels that are brought to multiples of four first.
  [9, 32, 32, 3, 16, 3, 3, 1, 1],
  [8, 16, 15, 18, 35, 3, 3, 2, 1],
];

interface Shapes {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly geometry: ConvGeometry;
}

function table(
  row: (shapes: Shapes) => Pick<OpCase, "inputs" | "build">,
): OpCase[] {
  return shapes.map(([N, H, W, C, K, R, S, stride, padding, paddingEnd]) => {
    const out = (size: number, taps: number) =>
      Math.floor(
        (size + padding! + (paddingEnd ?? padding!) - taps) / stride!,
      ) +
      1;
    const geometry = { stride: stride!, padding: padding! };
    const x = [N!, H!, W!, C!];
    const w = [R!, S!, C!, K!];
    const y = [N!, out(H!, R!), out(W!, S!), K!];
    return {
      name: `x (${x}), w (${w}), stride ${stride}, padding ${padding}` +
        (paddingEnd === undefined ? "" : ` and ${paddingEnd}`),
      ...row({
        ...{ x, w, y },
        geometry: paddingEnd === undefined
          ? geometry
          : { ...geometry, paddingEnd },
      }),
      // What a device chooses for a shape this small is not all that it has.
      forms: R === 3 && S === 3 && stride === 1
        ? ["tiles", "narrow", "winograd 2 64", "winograd 4 64"]
        : ["tiles", "narrow"],
      // Sizes matter to kernels; the derivative is the same at any size.
      kernelOnly: N! * H! * W! * C! * K! > 10_000,
    };
  });
}

checkOp(
  "conv2d()",
  table(({ x, w, geometry }) => ({
    inputs: [{ shape: x }, { shape: w }],
    build: ([x, w]) => [conv2d(x!, w!, geometry)],
  })),
);

checkOp(
  "conv2d() with shift, residual and relu",
  table(({ x, w, y, geometry }) => ({
    inputs: [{ shape: x }, { shape: w }, { shape: [w[3]!] }, { shape: y }],
    build: ([x, w, shift, residual]) => [
      conv2d(x!, w!, { ...geometry, shift: shift!, residual, relu: true }),
    ],
  })),
);

checkOp("swapChannels()", [{
  name: "(3, 2, 5, 7)",
  inputs: [{ shape: [3, 2, 5, 7] }],
  build: ([w]) => [swapChannels(w!)],
}]);

checkOp(
  "conv2dInputGradientOp",
  table(({ x, w: [R, S, C, K], y, geometry }) => ({
    inputs: [{ shape: y }, { shape: [R!, S!, K!, C!] }],
    build: ([dy, w]) => [
      applyOne(conv2dInputGradientOp, [dy!, w!], { ...geometry, shape: x }),
    ],
  })),
);

checkOp(
  "conv2dInputGradientOp with residual and mask",
  table(({ x, w: [R, S, C, K], y, geometry }) => ({
    inputs: [
      { shape: y },
      { shape: [R!, S!, K!, C!] },
      { shape: x },
      { shape: x },
    ],
    build: (inputs) => [
      applyOne(conv2dInputGradientOp, inputs, {
        ...{ ...geometry, shape: x, residual: true, mask: true },
      }),
    ],
  })).filter(({ inputs }) => inputs[2]!.shape[3]! % 4 === 0)
    .map((opCase) => ({ ...opCase, kernelOnly: true })),
);

checkOp(
  "conv2dWeightGradientOp",
  table(({ x, w, y, geometry }) => ({
    inputs: [{ shape: x }, { shape: y }],
    build: ([x, dy]) => [
      applyOne(conv2dWeightGradientOp, [x!, dy!], {
        ...geometry,
        shape: w,
      }),
    ],
  })),
);

Deno.test("conv2d() refuses channels that differ", () => {
  const x = new Graph().read(new Variable("x", [128, 32, 32, 3]));
  assertThrows(
    () => conv2d(x, new Variable("w", [3, 3, 64, 64])),
    TypeError,
    "expected 64 input channels but found 3",
  );
});

Deno.test("conv2d() refuses a filter that is larger than the padded input", () => {
  const x = new Graph().read(new Variable("x", [1, 2, 2, 4]));
  assertThrows(
    () => conv2d(x, new Variable("w", [5, 5, 4, 4]), { padding: 1 }),
    TypeError,
    "expected the filter to fit",
  );
});
