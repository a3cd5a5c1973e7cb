// Measuring algorithms: what is measured, what is chosen, and that a choice which is wrong,
// unknown or of another device changes results by rounding at most.

import { assert, assertEquals } from "@std/assert";
import { Memory } from "../../../src/gpu/memory.ts";
import { Plan } from "../../../src/gpu/plan.ts";
import type { TunedAlgorithms } from "../../../src/gpu/target.ts";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { chooseAlgorithm } from "../../../src/ops/conv/choose.ts";
import { conv2d } from "../../../src/ops/conv/conv2d.ts";
import {
  type CountedConvolution,
  graphConvolutions,
} from "../../../src/ops/conv/graph_convolutions.ts";
import { measurePass } from "../../../src/ops/conv/measure_pass.ts";
import { choiceKey } from "../../../src/ops/conv/problem.ts";
import {
  fastestOf,
  tuneConvolutions,
  unusableAlgorithms,
} from "../../../src/ops/conv/tune.ts";
import { withoutPacking } from "../../../src/ops/conv/without_packing.ts";
import { Stopwatch } from "../../../src/gpu/stopwatch.ts";
import { grad } from "../../../src/ops/grad.ts";
import { cast } from "../../../src/ops/cast.ts";
import { mean } from "../../../src/ops/reduce/reduce.ts";
import { multiply } from "../../../src/ops/pointwise.ts";
import { store } from "../../../src/ops/store.ts";
import { uniform } from "../../../src/base/random_sequence.ts";
import { testDevice } from "../../support/check_op.ts";

const x = new Variable("x", [2, 8, 8, 16]);
const w = new Variable("w", [3, 3, 16, 16]);
const dw = new Variable("dw", w.shape);
const KEY = "3x3 16->16 at 8x8";

/** The convolution of x with w, and the gradient of w, that of x being left unused. */
function trained(): Graph {
  const graph = new Graph();
  const y = conv2d(graph.read(x), w, { padding: 1 });
  const [gradient] = grad(mean(multiply(y, y)), [w]);
  store(gradient!, dw);
  return graph;
}

function times(...milliseconds: readonly number[]) {
  return milliseconds.map((milliseconds, i) => (
    { algorithm: "abc"[i]!, milliseconds, turns: 5 }
  ));
}

Deno.test("graphConvolutions() are those that are needed, with their counts", () => {
  const graph = trained();
  const half = conv2d(cast(graph.read(x), "f16"), w, { padding: 1 });
  store(cast(half, "f32"), new Variable("half", half.shape));
  const found = graphConvolutions(graph, { adapterClass: "gpu" });
  assertEquals(found.map((one) => [choiceKey(one), one.count]), [
    [`forward ${KEY}`, 1],
    [`weight gradient ${KEY}`, 1],
    [`forward ${KEY} f16`, 1],
  ]);
});

Deno.test("fastestOf() keeps what arithmetic chooses unless another is clearly faster", () => {
  assertEquals(fastestOf(times(100, 99, 96))!.algorithm, "a");
  assertEquals(fastestOf(times(100, 94, 90))!.algorithm, "c");
  assertEquals(fastestOf(times(1, 100))!.algorithm, "a");
  assertEquals(fastestOf([]), null);
});

Deno.test("measurePass() times all that compute the pass, the usual one first", async () => {
  const device = await testDevice();
  const watch = await Stopwatch.for(device);
  const { tuned: _, ...target } = device.adapter;
  const [convolution] = graphConvolutions(trained(), target);
  const tried: string[] = [];
  const { key, times, failures } = await measurePass({ device, watch }, {
    ...convolution!,
    names: ["direct", "implicitGemm", chooseAlgorithm(convolution!).name],
    onAlgorithm: (name) => tried.push(name),
  });
  assertEquals(key, `forward ${KEY}`);
  assertEquals(failures, []);
  const names = times.map(({ algorithm }) => algorithm);
  assertEquals(names[0], chooseAlgorithm(convolution!).name);
  assert(names.includes("direct") && names.includes("implicitGemm"));
  for (const name of names) assert(tried.includes(name));
  assert(times.every(({ milliseconds }) => milliseconds >= 0));
});

Deno.test("tuneConvolutions() begins nothing after its time or a signal, and nothing that is known", async () => {
  const device = await testDevice();
  const convolutions = graphConvolutions(trained(), device.adapter);
  const keys = convolutions.map(choiceKey);
  const late = { convolutions, seconds: 0 };
  assertEquals(await tuneConvolutions(device, late), {
    measured: [],
    left: keys,
  });
  const signal = AbortSignal.abort();
  const stopped = { convolutions, seconds: 60, signal };
  assertEquals((await tuneConvolutions(device, stopped)).left, keys);
  const known = Object.fromEntries(keys.map((key) => [key, "direct"]));
  const done = { convolutions, seconds: 60, known };
  assertEquals(await tuneConvolutions(device, done), {
    measured: [],
    left: [],
  });
});

Deno.test("withoutPacking() leaves out what depends on weights alone", () => {
  const graph = new Graph();
  const y = conv2d(graph.read(x), w, { padding: 1 });
  store(y, new Variable("y", y.shape));
  const tuned = { [`forward ${KEY}`]: "winograd 2 64" };
  const program = compile(graph, { name: "", adapterClass: "gpu", tuned });
  const labels = (from: typeof program) =>
    from.blocks.flatMap(({ dispatches }) =>
      dispatches.map(({ kernel: { name } }) => name)
    );
  assertEquals(labels(program)[0], "winograd_filters");
  const rest = labels(withoutPacking(program, w));
  assertEquals(rest, labels(program).slice(1));
});

/** The gradient of w, computed by what was measured. */
async function computed(tuned: TunedAlgorithms): Promise<Float32Array> {
  const device = await testDevice();
  const graph = trained();
  using memory = new Memory(device);
  for (const variable of [x, w]) {
    const key = { seed: 1, stream: variable.name, step: 0 };
    memory.write(variable, uniform(key, variable.byteLength / 4));
  }
  const { adapter } = device;
  const program = compile(graph, { name: "step", ...adapter, tuned });
  using plan = await Plan.bind(program, memory);
  plan.run();
  const [bytes] = await memory.read([dw]);
  return new Float32Array(bytes!);
}

Deno.test("a measurement that is wrong, unknown or of another device costs time alone", async () => {
  const usual = await computed({});
  const scale = Math.max(...usual.map(Math.abs));
  assert(scale > 0);
  const passes = [`forward ${KEY}`, `weight gradient ${KEY}`];
  const entries = ["direct", "winograd 4 64", "simdStride2", "no such", ""];
  for (const name of entries) {
    const tuned = Object.fromEntries(passes.map((key) => [key, name]));
    const found = await computed(tuned);
    const error = Math.max(...found.map((y, i) => Math.abs(y - usual[i]!)));
    assert(error <= 1e-4 * scale, `${name}: ${error} of ${scale}`);
    assertEquals(await computed(tuned), found, "equal choices, equal bytes");
  }
  for (const name of ["simdStride2", "no such", ""]) {
    const tuned = Object.fromEntries(passes.map((key) => [key, name]));
    assertEquals(await computed(tuned), usual, "as if it were not there");
  }
});

Deno.test("unusableAlgorithms() are those that a run began with and this device lacks", () => {
  const target = { adapterClass: "gpu" } as const;
  const all: CountedConvolution[] = graphConvolutions(trained(), target);
  const [forward, gradient] = [`forward ${KEY}`, `weight gradient ${KEY}`];
  const tuned = { [forward]: "simd", [gradient]: "direct", other: "simd" };
  assertEquals(unusableAlgorithms(all, { ...target, tuned }), [
    `simd for ${forward}`,
  ]);
  assertEquals(unusableAlgorithms(all, target), []);
});
