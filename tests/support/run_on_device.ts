// Traces, compiles and runs a graph once on this machine's adapter: for tests that
// look at exact bytes or statistics, where comparing with the reference is not
// enough.

import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { store } from "../../src/ops/store.ts";
import { testDevice } from "./check_op.ts";

/** Contents of variables before the run. */
export type Contents = readonly (readonly [Variable, BufferSource])[];

/** The bytes of what `trace` returns, in its order; variables as they are afterwards. */
export async function runOnDevice(
  contents: Contents,
  trace: (graph: Graph) => readonly (Tensor | Variable)[],
): Promise<ArrayBuffer[]> {
  const device = await testDevice();
  const graph = new Graph();
  const results = trace(graph).map((value, i) => {
    if (value instanceof Variable) return value;
    const result = new Variable(`result ${i}`, value.shape, value.dtype);
    store(value, result);
    return result;
  });
  const { adapterClass } = device.adapter;
  using memory = new Memory(device);
  for (const [variable, data] of contents) memory.write(variable, data);
  using plan = await Plan.bind(
    compile(graph, { name: "test", adapterClass }),
    memory,
  );
  plan.run();
  return await memory.read(results);
}

/** A u32 scalar variable and its contents. */
export function u32Scalar(
  name: string,
  value: number,
): readonly [Variable, BufferSource] {
  return [new Variable(name, [], "u32"), Uint32Array.of(value)];
}
