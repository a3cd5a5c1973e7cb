// The numbers of a PyTorch archive: one entry for each storage, and tensors as views
// of storages. Elements are made when a tensor is asked for, and only as many as the
// file itself could hold.

import type { Fail } from "../base/fail.ts";
import { PickleObject } from "./pickle_values.ts";
import { ELEMENT_TYPES, type StoredTensor } from "./stored_tensor.ts";
import { countOf, gather, type TensorLayout } from "./tensor_layout.ts";

/** A storage that the archive has an entry for. */
export class TorchStorage extends PickleObject {
  readonly key: string;
  readonly dtype: string;
  readonly length: number;

  constructor(
    { key, dtype, length }: Pick<TorchStorage, "key" | "dtype" | "length">,
  ) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.length = length;
  }
}

/** A tensor whose elements have not been read. */
export class TorchTensor extends PickleObject {
  readonly storage: TorchStorage;
  readonly layout: TensorLayout;

  constructor(storage: TorchStorage, layout: TensorLayout) {
    super();
    this.storage = storage;
    this.layout = layout;
  }
}

/** The parts of an archive that numbers are read from. */
export interface Archive {
  /** Entries by name. */
  readonly entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The folder that they are in. */
  readonly root: string;
  readonly fail: Fail;
}

/** The storages of an archive, each converted once. */
export class Storages {
  readonly #archive: Archive;
  readonly #read = new Map<string, Float32Array<ArrayBuffer>>();

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  /** The elements of tensors that need at most `limit` bytes in all. */
  read(
    tensors: ReadonlyMap<string, TorchTensor>,
    limit: number,
  ): Map<string, StoredTensor> {
    const { fail } = this.#archive;
    let total = 0;
    for (const [name, { storage, layout }] of tensors) {
      const bytes = ELEMENT_TYPES.get(storage.dtype)?.bytes ?? 1;
      total += bytes * countOf(layout);
      if (total > limit) {
        fail(
          `expected tensors of at most ${limit} bytes, twice the file's own, but ` +
            `found more up to ${name}`,
        );
      }
    }
    return new Map(
      [...tensors].map(([name, { storage, layout }]) => {
        const data = gather(this.#storage(name, storage), layout);
        return [name, { shape: layout.shape, data }];
      }),
    );
  }

  #storage(
    name: string,
    { key, dtype, length }: TorchStorage,
  ): Float32Array<ArrayBuffer> {
    const { entries, root, fail } = this.#archive;
    const known = this.#read.get(`${dtype} ${key}`);
    const type = ELEMENT_TYPES.get(dtype);
    if (!type) {
      const types = [...ELEMENT_TYPES.keys()].join(", ");
      return fail(`expected ${name} to be one of ${types} but found ${dtype}`);
    }
    const entry = entries.get(`${root}/data/${key}`);
    const needed = length * type.bytes;
    if (!entry || entry.length < needed) {
      return fail(
        `expected ${needed} bytes of numbers for ${name} in data/${key} but found ` +
          `${entry ? entry.length : "no such entry"}`,
      );
    }
    if (known && known.length >= length) return known;
    const values = type.read(entry.slice(0, needed).buffer);
    this.#read.set(`${dtype} ${key}`, values);
    return values;
  }
}
