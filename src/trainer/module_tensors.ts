// The tensors of a checkpoint, read from the device and written to it: those of student,
// teacher and the method's own modules, each with what its optimizer keeps.

import type { Memory } from "../gpu/memory.ts";
import type { Variable } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import type { TensorGroup } from "../weights/tensor_groups.ts";
import {
  loadNetworkTensors,
  networkTensors,
  type NetworkValues,
  tensorsUnder,
} from "../weights/network_tensors.ts";
import type { StoredTensor } from "../weights/stored_tensor.ts";
import {
  readValues,
  readVariable,
  writeValues,
} from "../step/network_values.ts";
import type { TrainedNetwork } from "../step/trained_network.ts";
import type { StepInputs } from "../step/step_inputs.ts";

/** A module in training, and where its tensors are in a checkpoint. */
export interface StoredModule {
  readonly group: "student" | "teacher" | "average" | "method";
  /** The prefix of its tensors' names. */
  readonly prefix: string;
  readonly network: TrainedNetwork<Module>;
  /** Whether no optimizer moves it. */
  readonly frozen: boolean;
}

/** The student, the teacher and the average if there are some, and the method's modules. */
export function storedModules(
  { student, teacher, average, modules, method }: StepInputs,
): StoredModule[] {
  const frozen = method.pretrained?.frozen ?? false;
  return [
    { group: "student", prefix: "", network: student, frozen: false },
    ...(teacher
      ? [{ group: "teacher" as const, prefix: "", network: teacher, frozen }]
      : []),
    ...(average
      ? [
        {
          group: "average",
          prefix: "",
          network: average,
          frozen: true,
        } as const,
      ]
      : []),
    ...modules.map((network) => ({
      group: "method" as const,
      prefix: `${network.materialized.name}.`,
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
  for (const { group, prefix, network, frozen } of modules) {
    const { materialized } = network;
    const keep = (group: TensorGroup, values: NetworkValues) => {
      const named = tensors[group] ??= new Map();
      for (const [name, tensor] of networkTensors(materialized, values)) {
        named.set(prefix + name, tensor);
      }
    };
    keep(group, await readValues(memory, materialized));
    if (frozen || group === "average") continue;
    for (const [kind, variable] of optimizerState(network)) {
      const parameters = await readVariable(memory, variable);
      keep(`${kind}.${group}`, { parameters, buffers: null });
    }
  }
  return tensors;
}

/**
 * Sets modules to the tensors of a checkpoint, and their optimizers if it has those.
 *
 * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
 */
export function writeModules(
  memory: Memory,
  modules: readonly StoredModule[],
  { tensors, source }: Pick<Checkpoint, "tensors"> & {
    readonly source: string;
  },
): void {
  for (const { group, prefix, network } of modules) {
    // Until there is an average, checkpoints have none.
    if (group === "average" && !tensors.average) continue;
    const { materialized } = network;
    const own = tensorsUnder(prefix, tensors[group]);
    const values = loadNetworkTensors(materialized, own, { source });
    writeValues(memory, { materialized, values });
    if (group === "average") continue;
    for (const [kind, variable] of optimizerState(network)) {
      const moving = tensors[`${kind}.${group}`];
      if (!moving) continue;
      const { parameters } = loadNetworkTensors(
        materialized,
        tensorsUnder(prefix, moving),
        { source, parametersOnly: true },
      );
      memory.write(variable, parameters);
    }
  }
}

/** The variables of a network's optimizer, by the names of their groups. */
function optimizerState(
  { velocity, squares }: TrainedNetwork<Module>,
): ["velocity" | "squares", Variable][] {
  return [
    ["velocity", velocity],
    ...squares ? [["squares", squares] as ["squares", Variable]] : [],
  ];
}
