// What a graph gives for fixed inputs, on the device and by the reference: for
// comparing both with numbers that come from elsewhere.

import { type CaseInput, testDevice } from "./check_op.ts";
import { interpret, ReferenceMemory } from "./reference.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { store } from "../../src/ops/store.ts";

/** An input with its values. */
export type Given = CaseInput & Required<Pick<CaseInput, "values">>;

/** The elements of every f32 output, by who computed them. */
export interface Evaluated {
  readonly device: readonly (readonly number[])[];
  readonly reference: readonly (readonly number[])[];
}

/** Computes what `build` makes of the inputs. */
export async function evaluate(
  inputs: readonly Given[],
  build: (inputs: readonly Tensor[]) => readonly Tensor[],
): Promise<Evaluated> {
  const variables = inputs.map(({ shape, dtype }, i) =>
    new Variable(`input ${i}`, shape, dtype)
  );
  const graph = new Graph();
  const outputs = build(variables.map((v) => graph.read(v)));
  const results = outputs.map((output, i) => {
    const result = new Variable(`output ${i}`, output.shape);
    store(output, result);
    return result;
  });

  const expected = new ReferenceMemory();
  variables.forEach((v, i) => expected.data(v).set(inputs[i]!.values));
  interpret(graph, expected);

  const device = await testDevice();
  const { adapterClass } = device.adapter;
  using memory = new Memory(device);
  variables.forEach((v, i) => {
    const { values } = inputs[i]!;
    const typed = v.dtype === "u32"
      ? Uint32Array.from(values)
      : Float32Array.from(values);
    memory.write(v, typed);
  });
  using plan = await Plan.bind(
    compile(graph, { name: "evaluate", adapterClass }),
    memory,
  );
  plan.run();
  const found = await memory.read(results);
  return {
    device: found.map((bytes) => Array.from(new Float32Array(bytes))),
    reference: results.map((result) => Array.from(expected.data(result))),
  };
}
