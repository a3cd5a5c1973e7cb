// The one helper that checks an operation: its kernels against the float64
// reference on this machine's adapter, as they are for GPUs and for software adapters,
// and its derivative against central differences of the reference.

import { assert, assertEquals } from "@std/assert";
import { Device, type Target } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import {
  type DType,
  type Shape,
  sizeOf,
  type Tensor,
  Variable,
} from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, multiply } from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { store } from "../../src/ops/store.ts";
import { uniform } from "../../src/base/random_sequence.ts";
import { interpret, ReferenceMemory } from "./reference.ts";

/** One input of a case. Values are drawn from [-1, 1) unless given. */
export interface CaseInput {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly values?: readonly number[];
  /** Range of the random values. */
  readonly low?: number;
  readonly high?: number;
  /** Excluded from the check of derivatives. */
  readonly constant?: boolean;
}

/** A row of an operation's case table. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly build: (
    inputs: readonly Tensor[],
    variables: readonly Variable[],
  ) => readonly Tensor[];
  /** Inputs that the operation overwrites, to be compared afterwards. */
  readonly updated?: readonly number[];
  /** Largest error of the kernel, relative to the largest element; 1e-5 if absent. */
  readonly tolerance?: number;
  /** Set where there is no derivative, or where the shape is too large to difference. */
  readonly kernelOnly?: boolean;
}

/** What programs can be compiled for and run here. */
export function targetsOf({ adapter }: Device): Target[] {
  const { adapterClass, subgroupSize, shaderInt64 } = adapter;
  return [
    { adapterClass: "gpu" },
    { adapterClass: "software" },
    ...subgroupSize ? [{ adapterClass, subgroupSize, shaderInt64 }] : [],
  ];
}

let opened: Promise<Device> | null = null;

/** The device that all tests of one file share. */
export function testDevice(): Promise<Device> {
  opened ??= Device.open().then((open) => device = open);
  return opened;
}

// A device that outlives the process's last turn can fail while exiting.
let device: Device | null = null;
globalThis.addEventListener("unload", () => device?.dispose());

/** The rows of all tables so far; the completeness test looks for operations in them. */
export const checkedCases: OpCase[] = [];

/** Registers tests of every case: its kernels on each target, and its derivatives. */
export function checkOp(name: string, cases: readonly OpCase[]): void {
  checkedCases.push(...cases);
  for (const opCase of cases) {
    Deno.test(`${name} kernel agrees with float64: ${opCase.name}`, async () => {
      for (const target of targetsOf(await testDevice())) {
        await checkKernel(opCase, target);
      }
    });
    if (opCase.kernelOnly) continue;
    Deno.test(`${name} derivative agrees with differences: ${opCase.name}`, () => {
      checkGradient(opCase);
    });
  }
}

function variablesOf(
  { inputs }: OpCase,
): { variables: Variable[]; values: Float64Array[] } {
  const variables = inputs.map(({ shape, dtype }, i) =>
    new Variable(`input ${i}`, shape, dtype)
  );
  const values = inputs.map(
    ({ shape, dtype, values, low = -1, high = 1 }, i) => {
      const count = sizeOf(shape);
      if (values) {
        assertEquals(
          values.length,
          count,
          "a case gives as many values as elements",
        );
        return Float64Array.from(
          values,
          dtype === "u32" ? Number : Math.fround,
        );
      }
      const random = uniform(
        { seed: 7, stream: `case/${i}`, step: count },
        count,
      );
      return Float64Array.from(
        random,
        (u) => Math.fround(low + (high - low) * u),
      );
    },
  );
  return { variables, values };
}

/** A case as it is traced, with what its results are in float64. */
interface TracedCase {
  readonly graph: Graph;
  readonly variables: readonly Variable[];
  readonly values: readonly Float64Array[];
  readonly results: readonly Variable[];
  readonly expected: ReferenceMemory;
}

/** Cases that run on several targets are interpreted once. */
const tracedCases = new WeakMap<OpCase, TracedCase>();

function tracedCase(opCase: OpCase): TracedCase {
  const known = tracedCases.get(opCase);
  if (known) return known;
  const { variables, values } = variablesOf(opCase);
  const graph = new Graph();
  const outputs = opCase.build(variables.map((v) => graph.read(v)), variables);
  const results = outputs.map((output, i) => {
    const result = new Variable(`output ${i}`, output.shape, output.dtype);
    store(output, result);
    return result;
  });
  results.push(...(opCase.updated ?? []).map((i) => variables[i]!));
  const expected = new ReferenceMemory();
  variables.forEach((variable, i) => expected.data(variable).set(values[i]!));
  interpret(graph, expected);
  const traced = { graph, variables, values, results, expected };
  tracedCases.set(opCase, traced);
  return traced;
}

/** A case's kernels on the device against the interpreter. */
export async function checkKernel(
  opCase: OpCase,
  target: Target,
): Promise<void> {
  const device = await testDevice();
  const { graph, variables, values, results, expected } = tracedCase(opCase);
  using memory = new Memory(device);
  variables.forEach((variable, i) =>
    memory.write(variable, typed(variable.dtype, values[i]!))
  );
  using plan = await Plan.bind(
    compile(graph, { name: opCase.name, ...target }),
    memory,
  );
  plan.run();
  const found = await memory.read(results);
  results.forEach((result, i) => {
    const actual = result.dtype === "f32"
      ? Float64Array.from(new Float32Array(found[i]!))
      : Float64Array.from(new Uint32Array(found[i]!));
    assertClose(actual, expected.data(result), {
      what: `${opCase.name} (${target.adapterClass}, subgroups of ${
        target.subgroupSize ?? 0
      }, algorithm ${target.algorithm ?? "chosen"}), ${result.name}`,
      tolerance: opCase.tolerance ?? 1e-5,
    });
  });
}

function typed(
  dtype: DType,
  values: Float64Array,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  return dtype === "f32" ? Float32Array.from(values) : Uint32Array.from(values);
}

/** Fails unless every element is within `tolerance` of the largest one's size. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { what, tolerance }: { readonly what: string; readonly tolerance: number },
): void {
  assertEquals(actual.length, expected.length, what);
  let scale = 1e-6;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert(
      error <= tolerance * scale,
      `${what}: element ${i} is ${actual[i]} but should be ${expected[i]}`,
    );
  }
}

const STEP = 1e-5;

/** A case's derivatives against central differences, all in float64. */
export function checkGradient(opCase: OpCase): void {
  const { variables, values } = variablesOf(opCase);
  const wrt = opCase.inputs.flatMap(({ constant, dtype }, i) =>
    constant || dtype === "u32" ? [] : [i]
  );
  const weighted = (graph: Graph): { loss: Tensor; inputs: Tensor[] } => {
    const inputs = variables.map((v) => graph.read(v));
    const outputs = opCase.build(inputs, variables);
    const terms = outputs.filter(({ dtype }) => dtype === "f32").map(
      (output, i) => {
        const weight = new Variable(`weight ${i}`, output.shape);
        weights.push(weight);
        return sum(multiply(output, weight));
      },
    );
    return { loss: terms.reduce((a, b) => add(a, b)), inputs };
  };
  const weights: Variable[] = [];
  const graph = new Graph();
  const { loss, inputs } = weighted(graph);
  const forward = { nodes: [...graph.nodes] };
  const gradients = grad(loss, wrt.map((i) => inputs[i]!));
  const weightValues = weights.map(({ shape }, i) =>
    uniform({ seed: 11, stream: "weights", step: i }, sizeOf(shape))
  );
  /** What a part of the graph computes, after a change of one element. */
  const run = (
    part: Pick<Graph, "nodes">,
    change?: { input: number; element: number; by: number },
  ) => {
    const memory = new ReferenceMemory();
    variables.forEach((v, i) => memory.data(v).set(values[i]!));
    weights.forEach((v, i) => memory.data(v).set(weightValues[i]!));
    if (change) {
      memory.data(variables[change.input]!)[change.element]! += change.by;
    }
    return interpret(part, memory);
  };
  const lossAt = (input: number, element: number, by: number) =>
    run(forward, { input, element, by }).get(loss)![0]!;
  const results = run(graph);
  wrt.forEach((input, g) => {
    const gradient = results.get(gradients[g]!)!;
    const stride = Math.max(1, Math.floor(gradient.length / 40));
    const elements: number[] = [];
    for (let element = 0; element < gradient.length; element += stride) {
      elements.push(element);
    }
    const differences = elements.map((element) => {
      const above = lossAt(input, element, STEP);
      const below = lossAt(input, element, -STEP);
      return (above - below) / (2 * STEP);
    });
    assertClose(elements.map((e) => gradient[e]!), differences, {
      what: `${opCase.name}, gradient of input ${input}`,
      tolerance: 1e-6,
    });
  });
}
