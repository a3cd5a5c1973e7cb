// What `torch.save` writes since PyTorch 1.6: a zip archive with a pickle that
// describes the object and an entry for the numbers of each storage. The pickle is
// read by a machine that can only build containers and tensors (`pickle.ts`).

import { type Fail, failureOf } from "../base/fail.ts";
import { readPickle } from "./pickle.ts";
import {
  PickleGlobal,
  pickleKind,
  PickleTuple,
  type PickleValue,
} from "./pickle_values.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { checkLayout, type TensorLayout } from "./tensor_layout.ts";
import { Storages, TorchStorage, TorchTensor } from "./torch_storages.ts";
import { isZipArchive, zipEntries } from "./zip_archive.ts";

/** Types of elements by the name of PyTorch's class for their storage. */
const STORAGES: Readonly<Record<string, string>> = {
  FloatStorage: "F32",
  DoubleStorage: "F64",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** A file that `torch.save` wrote. */
export interface TorchFile {
  /** The object that was saved, of containers, numbers, texts and tensors. */
  readonly value: PickleValue;
  /** Reads the elements of tensors. */
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
 * @throws {SyntaxError} naming what the file asks for beyond plain tensors, or what
 * is damaged.
 */
export function decodeTorchFile(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): TorchFile {
  const fail = failureOf(source);
  if (isLegacyFile(bytes)) {
    fail(
      "expected the zip format of PyTorch 1.6 or later but found the older one; " +
        'convert it with torch.save(torch.load("old.pt", map_location="cpu"), "new.pt")',
    );
  }
  const entries = zipEntries(bytes, fail);
  const root = rootOf(entries, fail);
  const pickle = entries.get(`${root}/data.pkl`)!;
  if (pickle.length > LONGEST_PICKLE) {
    fail(
      `expected a pickle of at most ${LONGEST_PICKLE} bytes but found ${pickle.length}`,
    );
  }
  const storages = new Storages({ entries, root, fail });
  const value = readPickle(pickle, {
    globals: globalsFor(fail),
    persistent: (id) => storageOf(id, fail),
    fail,
  });
  const limit = 2 * bytes.length;
  return { value, read: (tensors) => storages.read(tensors, limit) };
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
  const text = order ? new TextDecoder().decode(order) : "little";
  if (text !== "little") {
    fail(
      `expected little-endian numbers but found ${
        JSON.stringify(text.slice(0, 20))
      }`,
    );
  }
  return root;
}

/** Everything that a pickle may name. */
function globalsFor(fail: Fail): ReadonlyMap<string, PickleGlobal> {
  const storages = Object.keys(STORAGES).map((name) =>
    new PickleGlobal(`torch.${name}`)
  );
  const functions = [
    new PickleGlobal("collections.OrderedDict", (args) => {
      if (args.length > 0) {
        fail("expected an empty OrderedDict to be filled but found arguments");
      }
      return new Map();
    }),
    new PickleGlobal(
      "torch.Size",
      ([size, ...rest]) =>
        size instanceof PickleTuple && rest.length === 0
          ? size
          : fail(`expected a tuple of sizes but found ${pickleKind(size)}`),
    ),
    new PickleGlobal(
      "torch._utils._rebuild_tensor_v2",
      (args) => tensorOf(args, fail),
    ),
    new PickleGlobal(
      "torch._utils._rebuild_parameter",
      ([data]) =>
        data instanceof TorchTensor ? data : fail(
          `expected a parameter of a tensor but found ${pickleKind(data)}`,
        ),
    ),
  ];
  return new Map([...storages, ...functions].map((one) => [one.name, one]));
}

/** ("storage", its class, the name of its entry, where it was, its length). */
function storageOf(id: PickleValue, fail: Fail): TorchStorage {
  const items = id instanceof PickleTuple ? id.items : [];
  const [kind, type, key, , length] = items;
  const dtype = type instanceof PickleGlobal
    ? STORAGES[type.name.replace(/^torch\./, "")]
    : undefined;
  if (
    kind !== "storage" || dtype === undefined || typeof key !== "string" ||
    !isSize(length)
  ) {
    return fail(
      `expected the storage of a tensor but found ${
        items.length ? items.map(pickleKind).join(", ") : pickleKind(id)
      }`,
    );
  }
  return new TorchStorage({ key, dtype, length });
}

/** (storage, offset, shape, strides, whether it has a gradient, hooks). */
function tensorOf(args: readonly PickleValue[], fail: Fail): TorchTensor {
  const [storage, offset, shape, stride] = args;
  if (
    !(storage instanceof TorchStorage) || !isSize(offset) ||
    !(shape instanceof PickleTuple) || !(stride instanceof PickleTuple) ||
    !shape.items.every(isSize) || !stride.items.every(isSize)
  ) {
    return fail(
      "expected the storage, offset, shape and strides of a tensor but found " +
        args.slice(0, 4).map(pickleKind).join(", "),
    );
  }
  const layout = { offset, shape: shape.items, stride: stride.items };
  checkLayout(layout as TensorLayout, { length: storage.length, fail });
  return new TorchTensor(storage, layout as TensorLayout);
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
