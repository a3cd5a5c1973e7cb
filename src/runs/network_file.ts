// A network's tensors in a file of their own, as other programs exchange them:
// safetensors with PyTorch's names and layouts, which `load_file` of Python's
// safetensors reads. The checkpoint of a run can be read in its place.

import { writeAtomically } from "../data/atomic_write.ts";
import { CHECKPOINT_FORMAT, decodeCheckpoint } from "./checkpoint.ts";
import {
  loadNetworkTensors,
  networkTensors,
  type NetworkValues,
} from "./network_tensors.ts";
import type { Placed } from "../nn/module.ts";
import { decodeSafeTensors, encodeSafeTensors } from "./safetensors.ts";

/**
 * Writes the tensors of a placed network; the file at `path` is the old one or the
 * new one, whole.
 */
export async function writeNetworkFile(
  path: string,
  { placed, values }: {
    readonly placed: Placed;
    readonly values: NetworkValues;
  },
): Promise<void> {
  const tensors = networkTensors(placed, values);
  await writeAtomically(
    path,
    encodeSafeTensors({ tensors, metadata: { format: "pt" } }),
  );
}

/**
 * Reads a placed network's values from a file of its tensors, or the student's
 * from a run's checkpoint.
 *
 * @throws {SyntaxError} if the file is no safetensors file, or a damaged one.
 * @throws {TypeError} listing missing, unexpected and wrongly shaped tensors.
 */
export async function readNetworkFile(
  path: string,
  placed: Placed,
): Promise<NetworkValues> {
  const bytes = await Deno.readFile(path);
  const { tensors, metadata } = decodeSafeTensors(bytes, path);
  const own = metadata["format"] === CHECKPOINT_FORMAT
    ? decodeCheckpoint(bytes, path).tensors.student ?? new Map()
    : tensors;
  return loadNetworkTensors(placed, own, { source: path });
}
