// A network's weights in a file of any kind that people exchange them in:
// safetensors, or what `torch.save` wrote. Which one it is, its bytes tell.

import { sha256 } from "../data/dataset.ts";
import type { Materialized } from "../nn/module.ts";
import type { Normalization } from "../nn/normalized.ts";
import { failureOf } from "./fail.ts";
import { findStateDict, plainWeights } from "./state_dict.ts";
import { decodeTorchFile, isTorchFile } from "./torch_file.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { loadNetworkTensors, type NetworkValues } from "./network_tensors.ts";
import { decodeSafeTensors } from "./safetensors.ts";
import { CHECKPOINT_FORMAT, splitGroups } from "./tensor_groups.ts";

/** What a file says of a network. */
export interface Weights {
  /** Its parameters and buffers. */
  readonly values: NetworkValues;
  /** The normalization of images that is kept beside them; null for none. */
  readonly normalization: Normalization | null;
  /** The SHA-256 of the file, by which anybody can tell that it is the same. */
  readonly sha256: string;
}

/** Where the weights are in a file. */
export interface WeightsOptions {
  /** The entry that holds the state dict, where it is none of the usual ones. */
  readonly key?: string | undefined;
}

/**
 * Reads a placed network's weights.
 *
 * @throws {SyntaxError} if the file is of no known kind, damaged, or asks for
 * anything but tensors.
 * @throws {TypeError} listing missing, unexpected and wrongly shaped tensors.
 */
export async function readWeights(
  path: string,
  placed: Materialized,
  options: WeightsOptions = {},
): Promise<Weights> {
  const bytes = await Deno.readFile(path);
  const { tensors, normalization } = plainWeights(
    storedTensors(bytes, path, options),
    {
      isOwn: (name) => placed.named.has(name),
      fail: failureOf(path),
    },
  );
  const values = loadNetworkTensors(placed, tensors, { source: path });
  return { values, normalization, sha256: await sha256(bytes) };
}

function storedTensors(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
  { key }: WeightsOptions,
): ReadonlyMap<string, StoredTensor> {
  const fail = failureOf(source);
  if (isTorchFile(bytes)) {
    const file = decodeTorchFile(bytes, source);
    return file.read(findStateDict(file.value, { key, fail }));
  }
  if (key !== undefined) {
    fail(
      `expected a file of torch.save, which may have an entry ${key}, but found safetensors`,
    );
  }
  if (!mayBeSafeTensors(bytes)) {
    fail("expected safetensors, or what torch.save wrote, but found neither");
  }
  const { tensors, metadata } = decodeSafeTensors(bytes, source);
  return metadata["format"] === CHECKPOINT_FORMAT
    ? splitGroups(tensors, source).student ?? new Map()
    : tensors;
}

/** Whether the first eight bytes are the length of a header that begins behind them. */
function mayBeSafeTensors(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < 9 || bytes[8] !== "{".charCodeAt(0)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(0, true) <= bytes.length - 8;
}
