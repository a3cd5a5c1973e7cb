// The dispatch of an operation on relations that is one dispatch.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Lowering, Storage } from "../../graph/graph.ts";
import type { ShaderName } from "../../wgsl/mod.gen.ts";
import { kernel } from "../kernel.ts";

/** The only dispatch of an operation: its bindings are the inputs and outputs. */
export function launch(
  name: ShaderName,
  { inputs, outputs }: Lowering,
  { invocations, ...rest }:
    & { readonly invocations: number }
    & Pick<Dispatch, "arguments" | "flops">,
): readonly Dispatch<Storage>[] {
  return [{
    label: `${name.replaceAll("_", " ")} (${inputs.at(-1)!.shape.join(", ")})`,
    kernel: kernel(name),
    reads: inputs,
    writes: outputs,
    workgroups: linearGrid(invocations, 64),
    ...rest,
  }];
}
