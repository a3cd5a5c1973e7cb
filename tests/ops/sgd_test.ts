import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { fill } from "../../src/ops/fill.ts";
import { sgd } from "../../src/ops/sgd.ts";
import { store } from "../../src/ops/store.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { runOnDevice } from "../support/run_on_device.ts";

function descend(
  [parameters, gradients, velocity]: readonly Variable[],
  learningRate: Tensor,
  options: Parameters<typeof sgd>[1],
): void {
  const state = {
    parameters: parameters!,
    gradients: gradients!,
    velocity: velocity!,
    learningRate,
  };
  sgd(state, options);
}

// 61 and 1,021 are not divisible by four: elements one at a time; others: vec4.
checkOp(
  "sgd()",
  [1, 61, 64, 1021, 4096].flatMap((size) =>
    [false, true].map((nesterov): OpCase => ({
      name: `${size} parameters${nesterov ? ", Nesterov" : ""}`,
      inputs: [
        { shape: [size] },
        { shape: [size] },
        { shape: [size] },
        { shape: [], values: [0.1] },
      ],
      build: ([, , , learningRate], variables) => {
        const options = { momentum: 0.9, nesterov, weightDecay: 2e-4 };
        descend(variables, learningRate!, options);
        return [];
      },
      updated: [0, 2],
      kernelOnly: true,
    }))
  ),
);

checkOp("sgd() of a scaled loss", [{
  name: "64 parameters",
  inputs: [
    { shape: [64] },
    { shape: [64], low: -1024, high: 1024 },
    { shape: [64] },
    { shape: [], values: [0.1] },
  ],
  build: ([, , , learningRate], variables) => {
    const options = { momentum: 0.9, weightDecay: 2e-4, lossScale: 1024 };
    descend(variables, learningRate!, options);
    return [];
  },
  updated: [0, 2],
  kernelOnly: true,
}]);

Deno.test("sgd() takes the steps that PyTorch takes", async () => {
  // torch.optim.SGD in float64: parameters and momentum buffer after three steps.
  const expected = [
    [
      [0.7766108699, -2.2881147798, 0.86435121995, 2.9115051347],
      [0.55901301, 1.41127798, 0.389928005, -1.51521347],
    ],
    [
      [0.6771725755241, -2.3620119554082, 0.91598413532705, 2.8842211230473],
      [0.5571454461, 1.4089935478, 0.39296758805, -1.5160976867],
    ],
  ];
  const steps: [number, number[]][] = [
    [0.1, [1, 2, -3, 0.5]],
    [0.1, [0.25, -1, 2, 0]],
    [0.01, [-0.5, 0.75, 1, -2]],
  ];
  for (const nesterov of [false, true]) {
    const state = ["parameters", "gradients", "velocity"].map((name) =>
      new Variable(name, [4])
    );
    const contents = steps.flatMap(([rate, gradients], i) => {
      const learningRate = new Variable(`rate ${i}`, []);
      const gradient = new Variable(`gradient ${i}`, [4]);
      return [
        [learningRate, Float32Array.of(rate)] as const,
        [gradient, Float32Array.from(gradients)] as const,
      ];
    });
    const initial = [state[0]!, Float32Array.of(1, -2, 0.5, 3)] as const;
    const found = await runOnDevice([initial, ...contents], (graph) => {
      for (let i = 0; i < contents.length; i += 2) {
        store(graph.read(contents[i + 1]![0]), state[1]!);
        const options = { momentum: 0.9, nesterov, weightDecay: 0.01 };
        descend(state, graph.read(contents[i]![0]), options);
      }
      return [state[0]!, state[2]!];
    });
    found.forEach((bytes, i) =>
      new Float32Array(bytes).forEach((value, k) =>
        assertAlmostEquals(value, expected[Number(nesterov)]![i]![k]!, 1e-6)
      )
    );
  }
});

Deno.test("sgd() updates WRN-34-10 in two parts, each a legal binding", () => {
  const size = Math.ceil(46_160_474 / 64) * 64;
  const state = ["parameters", "gradients", "velocity"].map((name) =>
    new Variable(name, [size])
  );
  const graph = new Graph();
  const learningRate = fill(graph, { shape: [], value: 0.1 });
  descend(state, learningRate, { momentum: 0.9, weightDecay: 2e-4 });
  const { blocks: segments, buffers } = compile(graph, {
    name: "sgd",
    adapterClass: "gpu",
  });
  const [, ...updates] = segments[0]!.dispatches;
  const limit = 128 * 2 ** 20;
  assertEquals(
    updates.map(({ reads: [gradients], writes }) =>
      [gradients!, ...writes].map(({ buffer, offset, size }) => [
        buffers[buffer]!.label,
        offset,
        size,
      ])
    ),
    [[0, limit], [limit, 4 * size - limit]].map((part) =>
      ["gradients", "parameters", "velocity"].map((label) => [label, ...part])
    ),
  );
});

Deno.test("sgd() refuses gradients of another size", () => {
  const learningRate = new Graph().read(new Variable("rate", []));
  const sizes = [64, 65, 64];
  assertThrows(
    () =>
      descend(
        sizes.map((size) => new Variable("state", [size])),
        learningRate,
        { momentum: 0.9, weightDecay: 0 },
      ),
    TypeError,
    "of one size",
  );
});
