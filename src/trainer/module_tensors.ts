// The modules of a training on their way into checkpoints and back: student, teacher,
// and what the method keeps, each with its optimizer's velocity.

import type { Memory } from "../gpu/memory.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Materialized, Module } from "../nn/module.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import type { TensorGroup } from "../weights/tensor_groups.ts";
import {
  loadNetworkTensors,
  networkTensors,
  type NetworkValues,
  tensorsUnder,
} from "../weights/network_tensors.ts";
import type { StoredTensor } from "../weights/stored_tensor.ts";
import type { TrainedNetwork } from "../step/trained_network.ts";
import type { StepInputs } from "../step/step_inputs.ts";

/** A module in training, and where its tensors are in a checkpoint. */
export interface StoredModule {
  readonly group: "student" | "teacher" | "method";
  /** What its tensors' names begin with. */
  readonly prefix: string;
  readonly network: TrainedNetwork<Module>;
  /** Whether it stays as it is, so that there is no velocity. */
  readonly frozen: boolean;
}

/** Student, teacher if there is one, and what the method keeps. */
export function storedModules(
  { student, teacher, modules, method }: StepInputs,
): StoredModule[] {
  const frozen = method.pretrained?.frozen ?? false;
  return [
    { group: "student", prefix: "", network: student, frozen: false },
    ...(teacher
      ? [{ group: "teacher" as const, prefix: "", network: teacher, frozen }]
      : []),
    ...modules.map((network) => ({
      group: "method" as const,
      prefix: `${network.placed.name}.`,
      network,
      frozen: false,
    })),
  ];
}

/** The tensors of modules as they are on the device. */
export async function readModules(
  memory: Memory,
  modules: readonly StoredModule[],
): Promise<Checkpoint["tensors"]> {
  const tensors: Partial<Record<TensorGroup, Map<string, StoredTensor>>> = {};
  const read = async (variable: Variable) =>
    new Float32Array((await memory.read([variable]))[0]!);
  for (const { group, prefix, network, frozen } of modules) {
    const { placed, velocity } = network;
    const keep = (group: TensorGroup, values: NetworkValues) => {
      const named = tensors[group] ??= new Map();
      for (const [name, tensor] of networkTensors(placed, values)) {
        named.set(prefix + name, tensor);
      }
    };
    const parameters = await read(placed.parameters);
    const buffers = placed.buffers && await read(placed.buffers);
    keep(group, { parameters, buffers });
    if (frozen) continue;
    const moving = await read(velocity);
    keep(`velocity.${group}`, { parameters: moving, buffers: null });
  }
  return tensors;
}

/**
 * Sets modules to the tensors of a checkpoint; their velocities too, if it has them.
 *
 * @throws {TypeError} listing missing, unexpected and wrongly shaped tensors.
 */
export function writeModules(
  memory: Memory,
  modules: readonly StoredModule[],
  { tensors, source }: Pick<Checkpoint, "tensors"> & {
    readonly source: string;
  },
): void {
  for (const { group, prefix, network } of modules) {
    const { placed, velocity } = network;
    const own = tensorsUnder(prefix, tensors[group]);
    writeValues(memory, placed, loadNetworkTensors(placed, own, { source }));
    const moving = tensors[`velocity.${group}`];
    if (!moving) continue;
    const { parameters } = loadNetworkTensors(
      placed,
      tensorsUnder(prefix, moving),
      { source, parametersOnly: true },
    );
    memory.write(velocity, parameters);
  }
}

/** Sets a placed module. */
export function writeValues(
  memory: Memory,
  { parameters, buffers }: Materialized,
  values: NetworkValues,
): void {
  memory.write(parameters, values.parameters);
  if (buffers) memory.write(buffers, values.buffers!);
}
