import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { Memory } from "../../../src/gpu/memory.ts";
import { Plan } from "../../../src/gpu/plan.ts";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { increment } from "../../../src/ops/counter.ts";
import { fill } from "../../../src/ops/fill.ts";
import { normal, uniform } from "../../../src/ops/random/random.ts";
import { store } from "../../../src/ops/store.ts";
import * as sequence from "../../../src/base/random_sequence.ts";
import { WGSL } from "../../../src/wgsl/mod.gen.ts";
import { checkOp, type OpCase, testDevice } from "../../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";

const step = { shape: [], dtype: "u32", values: [391] } as const;
const substep = { shape: [], dtype: "u32", values: [7] } as const;
const address = { seed: 5, stream: "attack" };

function cases(
  build: (step: Tensor, substep?: Tensor) => Tensor,
): OpCase[] {
  return [
    {
      name: "of a step",
      inputs: [step],
      build: ([step]) => [build(step!)],
      kernelOnly: true,
    },
    {
      name: "of a substep",
      inputs: [step, substep],
      build: ([step, substep]) => [build(step!, substep!)],
      kernelOnly: true,
    },
  ];
}

// Sizes that end in the middle of a block, and one of several workgroups.
for (const shape of [[], [5], [2, 3, 7], [4, 16], [1021]]) {
  checkOp(
    `uniform() of shape (${shape})`,
    cases((step, substep) =>
      uniform(
        { ...address, step, ...(substep && { substep }) },
        shape,
        { low: -0.5, high: 2 },
      )
    ),
  );
  checkOp(
    `normal() of shape (${shape})`,
    cases((step, substep) =>
      normal(
        { ...address, step, ...(substep && { substep }) },
        shape,
        { scale: 0.001 },
      )
    ),
  );
}

Deno.test("philox.wgsl matches the published known answers", async () => {
  const answers = [
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const;
  const calls = answers.map(([counter, key], i) =>
    `y[${i}] = philox(vec4u(${counter.map((word) => `${word}u`)}), ` +
    `vec2u(${key.map((word) => `${word}u`)}));`
  );
  const source = [
    WGSL.philox,
    "@group(0) @binding(0) var<storage, read_write> y: array<vec4u, 3>;",
    `@compute @workgroup_size(1) fn main() { ${calls.join("\n")} }`,
  ].join("\n");
  const result = new Variable("words", [3, 4], "u32");
  const { byteLength: size } = result;
  using memory = new Memory(await testDevice());
  using plan = await Plan.bind({
    name: "known answers",
    buffers: [{ label: "words", size, variable: result }],
    blocks: [{
      repeat: 1,
      dispatches: [{
        label: "known answers",
        kernel: { name: "known_answers", source, constants: {} },
        reads: [],
        writes: [{ buffer: 0, offset: 0, size }],
        workgroups: [1, 1, 1],
      }],
    }],
  }, memory);
  plan.run();
  const [words] = await memory.read([result]);
  assertEquals(
    [...new Uint32Array(words!)],
    answers.flatMap(([, , expected]) => [...expected]),
  );
});

Deno.test("uniform() equals the host's numbers bit for bit", async () => {
  for (
    const place of [
      { seed: 0, stream: "shuffle", step: 0 },
      { seed: 4294967295, stream: "Ångström", step: 4294967295, substep: 19 },
    ]
  ) {
    const step = u32Scalar("step", place.step);
    const substep = u32Scalar("substep", place.substep ?? 0);
    const { seed, stream } = place;
    const [bytes] = await runOnDevice([step, substep], (graph) => {
      const key = { seed, stream, step: graph.read(step[0]) };
      const deep = place.substep === undefined
        ? key
        : { ...key, substep: substep[0] };
      return [uniform(deep, [40_003])];
    });
    assertEquals(
      new Float32Array(bytes!),
      sequence.uniform(place, 40_003),
    );
  }
});

Deno.test("normal() has the moments of the normal distribution", async () => {
  const count = 2 ** 17;
  const step = u32Scalar("step", 1);
  const [bytes] = await runOnDevice([step], (graph) => [
    normal({ ...address, step: graph.read(step[0]) }, [count]),
  ]);
  const z = new Float32Array(bytes!);
  const moment = (power: number) =>
    z.reduce((sum, x) => sum + x ** power, 0) / count;
  // Four standard errors of each moment: sqrt((E z^2p - (E z^p)^2) / count).
  const tolerance = (variance: number) => 4 * Math.sqrt(variance / count);
  assertAlmostEquals(moment(1), 0, tolerance(1));
  assertAlmostEquals(moment(2), 1, tolerance(2));
  assertAlmostEquals(moment(3), 0, tolerance(15));
  assertAlmostEquals(moment(4), 3, tolerance(96));
  // The two halves of a pair share a radius but not a sign.
  const product = z.reduce(
    (sum, x, i) => i % 2 ? sum + x * z[i - 1]! : sum,
    0,
  );
  assertAlmostEquals(product / (count / 2), 0, 4 / Math.sqrt(count / 2));
});

Deno.test("uniform() leaves a loop unless its substep counts", () => {
  const graph = new Graph();
  const step = graph.read(new Variable("step", [], "u32"));
  const [once, often] = ["once", "often"].map((name) => new Variable(name, []));
  const iteration = graph.state("iteration", [], "u32");
  store(fill(graph, { shape: [], value: 0, dtype: "u32" }), iteration);
  graph.repeat(5, () => {
    store(uniform({ ...address, step }, []), once!);
    store(uniform({ ...address, step, substep: iteration }, []), often!);
    increment(graph, iteration);
  });
  const { blocks: segments } = compile(graph, {
    name: "loop",
    adapterClass: "gpu",
  });
  assertEquals(
    segments.map(({ repeat, dispatches }) => ({
      repeat,
      labels: dispatches.map(({ label }) => label),
    })),
    [
      { repeat: 1, labels: ["fill ()", "uniform ()"] },
      { repeat: 5, labels: ["copy", "uniform ()", "increment"] },
    ],
  );
});

Deno.test("uniform() of another stream, seed, step or substep is unrelated", async () => {
  const places = [
    { seed: 1, stream: "a", step: 1, substep: 1 },
    { seed: 2, stream: "a", step: 1, substep: 1 },
    { seed: 1, stream: "b", step: 1, substep: 1 },
    { seed: 1, stream: "a", step: 2, substep: 1 },
    { seed: 1, stream: "a", step: 1, substep: 2 },
  ];
  const found = await runOnDevice([], (graph) => {
    const scalar = (value: number) =>
      fill(graph, { shape: [], value, dtype: "u32" });
    return places.map(({ seed, stream, step, substep }) =>
      uniform(
        { seed, stream, step: scalar(step), substep: scalar(substep) },
        [1000],
      )
    );
  });
  const values = found.map((bytes) => new Float32Array(bytes));
  for (const [i, a] of values.entries()) {
    for (const b of values.slice(i + 1)) {
      const equal = a.filter((x, k) => x === b[k]).length;
      const covariance = a.reduce(
        (sum, x, k) => sum + (x - 0.5) * (b[k]! - 0.5),
        0,
      ) / 1000;
      assert(equal <= 1, `${equal} of 1000 numbers are equal`);
      assertAlmostEquals(covariance, 0, 4 / 12 / Math.sqrt(1000));
    }
  }
});

Deno.test("uniform() refuses a step that is not a u32 scalar", () => {
  const graph = new Graph();
  assertThrows(
    () => uniform({ ...address, step: graph.read(new Variable("s", [])) }, [3]),
    TypeError,
    "expected the step to be u32 () but found f32 ()",
  );
});

Deno.test("normal() refuses a seed of more than 32 bits", () => {
  const step = new Graph().read(new Variable("step", [], "u32"));
  assertThrows(
    () => normal({ seed: 2 ** 32, stream: "a", step }, [3]),
    RangeError,
    "expected the seed to be a whole number",
  );
});

Deno.test("rows of a part of a batch get the numbers that they have in the whole", async () => {
  const step = u32Scalar("step", 391);
  // Rows of 5, 8 and 1: the part begins inside a block, at one, and inside one.
  for (const columns of [[5], [2, 4], []]) {
    const draw = (graph: Graph, rows: number, firstRow: number) => {
      const key = { ...address, step: graph.read(step[0]), firstRow };
      const shape = [rows, ...columns];
      return [uniform(key, shape), normal(key, shape)];
    };
    const all = await runOnDevice([step], (graph) => draw(graph, 9, 0));
    const part = await runOnDevice([step], (graph) => draw(graph, 4, 3));
    const bytes = all[0]!.byteLength / 9;
    assertEquals(part, all.map((whole) => whole.slice(3 * bytes, 7 * bytes)));
  }
});
