// The storages of a PyTorch archive: one entry for each, and tensors as views of them.
// Elements are read when a tensor is used; unused tensors may have any type and layout.
//
// A few bytes of a file can claim tensors of any size on one storage, or many on the
// same one. Storages are converted once, and what is read in all has a bound.

import type { Fail } from "../base/fail.ts";
import { PickleObject, type PickleValue } from "./pickle_values.ts";
import { ELEMENT_TYPES, type StoredTensor } from "./stored_tensor.ts";
import {
  checkLayout,
  countOf,
  gather,
  type TensorLayout,
} from "./tensor_layout.ts";

/** A storage as a file describes it. */
export class TorchStorage extends PickleObject {
  readonly key: string;
  readonly dtype: string;
  /** Its elements, as the file claims. */
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

/** The object of a file, and where the numbers of its storages are. */
export interface TorchParts {
  readonly value: PickleValue;
  /** Names of unsupported objects in the file. */
  readonly unknown: ReadonlySet<string>;
  /** The bytes of a storage by its key. */
  readonly entry: (key: string) => Uint8Array<ArrayBuffer> | undefined;
}

/** The source of the numbers. */
export interface StorageSource extends Pick<TorchParts, "entry"> {
  /** Most bytes that all tensors together may take. */
  readonly limit: number;
  readonly fail: Fail;
}

/** The storages of a file. */
export class Storages {
  readonly #source: StorageSource;
  readonly #read = new Map<
    string,
    { readonly dtype: string; readonly values: Float32Array<ArrayBuffer> }
  >();
  #left: number;

  constructor(source: StorageSource) {
    this.#source = source;
    this.#left = source.limit;
  }

  /** A tensor whose elements are read when they are first asked for. */
  tensor(name: string, { storage, layout }: TorchTensor): StoredTensor {
    let data: Float32Array<ArrayBuffer> | undefined;
    const read = () => data ??= this.#elements(name, { storage, layout });
    return {
      shape: layout.shape,
      get data() {
        return read();
      },
    };
  }

  #elements(
    name: string,
    { storage, layout }: TorchTensor,
  ): Float32Array<ArrayBuffer> {
    const { fail, limit } = this.#source;
    checkLayout(layout, { length: storage.length, fail });
    this.#left -= Float32Array.BYTES_PER_ELEMENT * countOf(layout);
    if (this.#left < 0) {
      fail(
        `expected tensors of at most ${limit} bytes, four for each of the file's, ` +
          `but found more up to ${name}`,
      );
    }
    return gather(this.#values(name, storage), layout);
  }

  #values(
    name: string,
    { key, dtype, length }: TorchStorage,
  ): Float32Array<ArrayBuffer> {
    const { entry, fail } = this.#source;
    const type = ELEMENT_TYPES.get(dtype);
    if (!type) {
      const types = [...ELEMENT_TYPES.keys()].join(", ");
      return fail(`expected ${name} to be one of ${types} but found ${dtype}`);
    }
    const bytes = entry(key);
    const needed = length * type.bytes;
    if (!bytes || bytes.length < needed) {
      return fail(
        `expected ${needed} bytes of numbers for ${name} in data/${key} but found ` +
          `${bytes ? bytes.length : "no such entry"}`,
      );
    }
    const known = this.#read.get(key);
    if (known && known.dtype !== dtype) {
      return fail(
        `expected data/${key} to be ${known.dtype} for ${name} too but found ${dtype}`,
      );
    }
    if (known) return known.values;
    const whole = bytes.length - bytes.length % type.bytes;
    const values = type.read(bytes.slice(0, whole).buffer);
    this.#read.set(key, { dtype, values });
    return values;
  }
}
