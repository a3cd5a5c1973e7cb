// A network's weights in a file: safetensors or a file of `torch.save`, which its bytes
// tell apart.

import { sha256 } from "../data/dataset.ts";
import type { Materialized } from "../nn/module.ts";
import type { Normalization } from "../nn/normalized.ts";
import { failureOf } from "../base/fail.ts";
import { chooseWeights } from "./choose_weights.ts";
import { findStateDicts, type StateDict } from "./state_dict.ts";
import { decodeTorchFile, isTorchFile } from "./torch_file.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import {
  loadNetworkTensors,
  type NetworkValues,
  tensorShapes,
} from "./network_tensors.ts";
import { decodeSafeTensors } from "./safetensors.ts";
import { CHECKPOINT_FORMAT, splitGroups } from "./tensor_groups.ts";

/** The weights of a network in a file. */
export interface Weights {
  /** Its parameters and buffers. */
  readonly values: NetworkValues;
  /** The normalization of images that is kept beside them; null for none. */
  readonly normalization: Normalization | null;
  /** Notes about the tensors that were taken and those that were not, one sentence each. */
  readonly notes: readonly string[];
  /** The SHA-256 of the file. */
  readonly sha256: string;
}

/** Where the weights are in a file. */
export interface WeightsOptions {
  /** The entry that holds the state dict, where it is none of the usual ones. */
  readonly key?: string | undefined;
}

/**
 * Reads a materialized network's weights from the dictionary of the file that has most of
 * its tensors.
 *
 * @throws {UserError} if the file is of no known kind, damaged, or has nothing that
 * fits; listing missing, unexpected and wrongly shaped tensors.
 */
export async function readWeights(
  path: string,
  materialized: Materialized,
  options: WeightsOptions = {},
): Promise<Weights> {
  const bytes = await Deno.readFile(path);
  const fail = failureOf(path);
  const { dicts, notes } = storedDicts(bytes, path, options);
  const own = tensorShapes(materialized);
  const chosen = chooseWeights(dicts, { own, fail });
  const values = loadNetworkTensors(materialized, chosen.tensors, {
    source: path,
  });
  return {
    values,
    normalization: chosen.normalization,
    notes: [...chosen.notes, ...notes],
    sha256: await sha256(bytes),
  };
}

/** The dictionaries of tensors in a file. */
interface StoredDicts {
  readonly dicts: readonly StateDict<StoredTensor>[];
  readonly notes: readonly string[];
}

function storedDicts(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
  { key }: WeightsOptions,
): StoredDicts {
  const fail = failureOf(source);
  if (isTorchFile(bytes)) {
    const { value, unknown, read } = decodeTorchFile(bytes, source);
    const dicts = findStateDicts(value, { key, unknown, fail })
      .map(({ path, tensors }) => ({ path, tensors: read(tensors) }));
    return { dicts, notes: unknownNotes(unknown) };
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
  const plain = metadata["format"] === CHECKPOINT_FORMAT
    ? splitGroups(tensors, source).student ?? new Map()
    : tensors;
  return { dicts: [{ path: "", tensors: plain }], notes: [] };
}

/** How many names a note has. */
const NAMED = 4;

/** A note on objects that need Python. */
function unknownNotes(unknown: ReadonlySet<string>): string[] {
  if (unknown.size === 0) return [];
  const names = [...unknown].slice(0, NAMED).join(", ");
  const more = unknown.size > NAMED ? " and more" : "";
  return [`Nothing was made of what the file has of ${names}${more}.`];
}

/** Whether the first eight bytes are the length of a header that begins behind them. */
function mayBeSafeTensors(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < 9 || bytes[8] !== "{".charCodeAt(0)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(0, true) <= bytes.length - 8;
}
