// Files of `torch.save`. Since PyTorch 1.6 these are zip archives with a pickle of the object
// and an entry for the numbers of each storage; before, they were pickles followed by the
// numbers (`legacy_torch_file.ts`). Pickles are read by a machine
// that can only build containers and tensors (`pickle.ts`).

import { type Fail, failureOf } from "../base/fail.ts";
import { legacyParts } from "./legacy_torch_file.ts";
import { readPickle } from "./pickle.ts";
import type { PickleValue } from "./pickle_values.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { storageOf, TORCH_GLOBALS } from "./torch_globals.ts";
import {
  Storages,
  type TorchParts,
  type TorchTensor,
} from "./torch_storages.ts";
import { isZipArchive, zipEntries } from "./zip_archive.ts";

/** A file that `torch.save` wrote. */
export interface TorchFile {
  /** The object that was saved, of containers, numbers, texts and tensors. */
  readonly value: PickleValue;
  /** Names of unsupported objects in it. */
  readonly unknown: ReadonlySet<string>;
  /** Tensors whose elements are read when they are first asked for. */
  read(
    tensors: ReadonlyMap<string, TorchTensor>,
  ): Map<string, StoredTensor>;
}

/** Longest pickle that is read, in bytes: networks have some hundred kilobytes. */
const LONGEST_PICKLE = 64 * 2 ** 20;

/** Whether bytes look like something that `torch.save` wrote, now or long ago. */
export function isTorchFile(bytes: Uint8Array): boolean {
  return isZipArchive(bytes) || isLegacyFile(bytes);
}

/** Files from before PyTorch 1.6 begin with a pickled number, of one or another protocol. */
function isLegacyFile(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5;
}

/**
 * Reads what `torch.save` wrote, without running any of it.
 *
 * @throws {UserError} naming what is damaged.
 */
export function decodeTorchFile(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): TorchFile {
  const fail = failureOf(source);
  const parts = isLegacyFile(bytes)
    ? legacyParts(bytes, fail)
    : zipParts(bytes, fail);
  const { entry, value, unknown } = parts;
  const limit = 4 * bytes.length;
  const storages = new Storages({ entry, limit, fail });
  return {
    value,
    unknown,
    read: (tensors) =>
      new Map(
        [...tensors].map(([name, tensor]) => [
          name,
          storages.tensor(name, tensor),
        ]),
      ),
  };
}

function zipParts(bytes: Uint8Array<ArrayBuffer>, fail: Fail): TorchParts {
  const entries = zipEntries(bytes, fail);
  const root = rootOf(entries, fail);
  const pickle = entries.get(`${root}/data.pkl`)!;
  if (pickle.length > LONGEST_PICKLE) {
    fail(
      `expected a pickle of at most ${LONGEST_PICKLE} bytes but found ${pickle.length}`,
    );
  }
  const { value, unknown } = readPickle(pickle, {
    globals: TORCH_GLOBALS,
    persistent: storageOf,
    fail,
  });
  const entry = (key: string) => entries.get(`${root}/data/${key}`);
  return { value, unknown, entry };
}

/** The folder that an archive has everything in. */
function rootOf(
  entries: ReadonlyMap<string, Uint8Array>,
  fail: Fail,
): string {
  const roots = [...entries.keys()].flatMap((name) =>
    /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []
  );
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    return fail(
      "expected an archive that torch.save wrote but found " +
        `${roots.length || "no"} data.pkl in it`,
    );
  }
  if (entries.has(`${root}/constants.pkl`)) {
    fail(
      "expected a state dict but found a TorchScript program; save its state dict " +
        'alone: torch.save(model.state_dict(), "weights.pt")',
    );
  }
  const order = entries.get(`${root}/byteorder`);
  const text = order
    ? new TextDecoder().decode(order.subarray(0, 20))
    : "little";
  if (text !== "little") {
    fail(`expected little-endian numbers but found ${JSON.stringify(text)}`);
  }
  return root;
}
