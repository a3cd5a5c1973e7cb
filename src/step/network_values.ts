// Writes the values of a network, or of another module, to a device, and reads them.

import type { Memory } from "../gpu/memory.ts";
import type { Variable } from "../graph/tensor.ts";
import { initialValues, type Materialized } from "../nn/module.ts";
import type { NetworkValues } from "../weights/network_tensors.ts";

/** Sets a module on a device to the starting values that a seed decides. */
export function writeInitialValues(
  memory: Memory,
  { materialized, seed }: {
    readonly materialized: Materialized;
    readonly seed: number;
  },
): void {
  for (const flat of [materialized.parameters, materialized.buffers]) {
    if (flat) memory.write(flat, initialValues(materialized, { flat, seed }));
  }
}

/** Sets a module on a device to these values. */
export function writeValues(
  memory: Memory,
  { materialized: { parameters, buffers }, values }: {
    readonly materialized: Materialized;
    readonly values: NetworkValues;
  },
): void {
  memory.write(parameters, values.parameters);
  if (buffers) memory.write(buffers, values.buffers!);
}

/** The values of a module as they are on a device. */
export async function readValues(
  memory: Memory,
  { parameters, buffers }: Materialized,
): Promise<NetworkValues> {
  return {
    parameters: await readVariable(memory, parameters),
    buffers: buffers && await readVariable(memory, buffers),
  };
}

/** The numbers of an f32 variable as they are on a device. */
export async function readVariable(
  memory: Memory,
  variable: Variable,
): Promise<Float32Array<ArrayBuffer>> {
  const [bytes] = await memory.read([variable]);
  return new Float32Array(bytes!);
}
