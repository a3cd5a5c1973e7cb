// A network's tensors in a file: safetensors with PyTorch's names and layouts, which
// `load_file` of Python's safetensors reads. Files of `torch.save` and checkpoints of runs
// can be read as well.

import { UserError } from "../base/errors.ts";
import { writeAtomically } from "../base/atomic_write.ts";
import type { Materialized } from "../nn/module.ts";
import { networkTensors, type NetworkValues } from "./network_tensors.ts";
import { encodeSafeTensors, type StoredTensor } from "./safetensors.ts";
import { readWeights, type Weights } from "./weights_file.ts";

/** The format that libraries expect of PyTorch's tensors. */
const METADATA = { format: "pt" };

/** The bytes of a file with the tensors of a materialized network. */
export function networkFile(
  { materialized, values }: {
    readonly materialized: Materialized;
    readonly values: NetworkValues;
  },
): Uint8Array<ArrayBuffer> {
  const tensors = networkTensors(materialized, values);
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
 * Reads a materialized network's values from a file of its tensors, or the student's
 * from a run's checkpoint.
 *
 * @throws {UserError} if the file is of no known kind, damaged, or asks for
 * anything but tensors; or if it has a normalization of images, which must be part of
 * the network.
 * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
 */
export async function readNetworkFile(
  path: string,
  materialized: Materialized,
): Promise<Pick<Weights, "values" | "notes">> {
  const weights = await readWeights(path, materialized);
  const { normalization } = weights;
  if (normalization === null) return weights;
  const { mean, std } = normalization;
  throw new UserError(
    `Cannot read ${path}: expected a network's own tensors but found a ` +
      `normalization of images by mean ${mean.join(", ")} and deviation ${
        std.join(", ")
      }`,
  );
}
