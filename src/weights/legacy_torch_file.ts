// Files of `torch.save` before PyTorch 1.6: a pickled magic number, the version of the
// format, the machine, the object, the keys of its storages in order, and then the length
// and the elements of each storage.

import type { Fail } from "../base/fail.ts";
import { type ReadPickle, readPickle } from "./pickle.ts";
import type { PickleValue } from "./pickle_values.ts";
import { ELEMENT_TYPES } from "./stored_tensor.ts";
import { storageOf, TORCH_GLOBALS } from "./torch_globals.ts";
import type { TorchParts } from "./torch_storages.ts";

/** The magic number in the first pickle. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

const VERSION = 1001;

/** The parts of a file from before PyTorch 1.6. */
export function legacyParts(
  bytes: Uint8Array<ArrayBuffer>,
  fail: Fail,
): TorchParts {
  const types = new Map<string, string>();
  let at = 0;
  const next = (): ReadPickle => {
    const read = readPickle(bytes.subarray(at), {
      globals: TORCH_GLOBALS,
      persistent: (id) => {
        const storage = storageOf(id);
        if (storage) types.set(storage.key, storage.dtype);
        return storage;
      },
      fail,
    });
    at += read.end;
    return read;
  };
  const [magic, version] = [next().value, next().value];
  if (magic !== MAGIC || version !== VERSION) {
    fail("expected what torch.save wrote but found another pickle");
  }
  const system = next().value;
  if (system instanceof Map && system.get("little_endian") === false) {
    fail("expected little-endian numbers but found big-endian ones");
  }
  const { value, unknown } = next();
  const keys = next().value;
  const entries = storagesOf(bytes.subarray(at), { keys, types, fail });
  return { value, unknown, entry: (key) => entries.get(key) };
}

/** The bytes of each storage: views, nothing is copied. */
function storagesOf(
  bytes: Uint8Array<ArrayBuffer>,
  { keys, types, fail }: {
    readonly keys: PickleValue;
    readonly types: ReadonlyMap<string, string>;
    readonly fail: Fail;
  },
): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = 0;
  for (const key of Array.isArray(keys) ? keys : fail("expected storages")) {
    const type = typeof key === "string" ? types.get(key) : undefined;
    const size = ELEMENT_TYPES.get(type ?? "")?.bytes;
    // The length of elements of an unknown type, and of all behind it, is unknown.
    if (size === undefined) break;
    if (at + 8 > bytes.length) {
      fail("expected storages but found the file's end");
    }
    const length = Number(view.getBigUint64(at, true)) * size;
    at += 8;
    if (length > bytes.length - at) {
      fail(
        `expected ${length} bytes of storage ${key} but found ${
          bytes.length - at
        }, so it is cut off or damaged`,
      );
    }
    entries.set(key as string, bytes.subarray(at, at + length));
    at += length;
  }
  return entries;
}
