// A network's tensors in a file of their own, as other programs exchange them:
// safetensors with PyTorch's names and layouts, which `load_file` of Python's
// safetensors reads. What `torch.save` wrote, or the checkpoint of a run, can be
// read in its place.

import { UserError } from "../base/errors.ts";
import { writeAtomically } from "../base/atomic_write.ts";
import type { Materialized } from "../nn/module.ts";
import { networkTensors, type NetworkValues } from "./network_tensors.ts";
import { encodeSafeTensors, type StoredTensor } from "./safetensors.ts";
import { readWeights } from "./weights_file.ts";

/** The format by which libraries know that the tensors are PyTorch's. */
const METADATA = { format: "pt" };

/** The bytes of a file with the tensors of a placed network. */
export function networkFile(
  { placed, values }: {
    readonly placed: Materialized;
    readonly values: NetworkValues;
  },
): Uint8Array<ArrayBuffer> {
  const tensors = networkTensors(placed, values);
  return encodeSafeTensors({ tensors, metadata: METADATA });
}

/** Writes tensors that have PyTorch's names and layouts already. */
export async function writeTensorFile(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  const bytes = encodeSafeTensors({ tensors, metadata: METADATA });
  await writeAtomically(path, bytes);
}

/**
 * Reads a placed network's values from a file of its tensors, or the student's
 * from a run's checkpoint.
 *
 * @throws {UserError} if the file is of no known kind, damaged, or asks for
 * anything but tensors; or if it has a normalization of images, which a network
 * has to do itself.
 * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
 */
export async function readNetworkFile(
  path: string,
  placed: Materialized,
): Promise<NetworkValues> {
  const { values, normalization } = await readWeights(path, placed);
  if (normalization === null) return values;
  const { mean, std } = normalization;
  throw new UserError(
    `Cannot read ${path}: expected a network's own tensors but found a ` +
      `normalization of images by mean ${mean.join(", ")} and deviation ${
        std.join(", ")
      }`,
  );
}
