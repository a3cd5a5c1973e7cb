// One tensor of a file: of .npy its array, of safetensors the one of a name, or the only one.

import { readBytes } from "../base/disk.ts";
import { failureOf } from "../base/fail.ts";
import { decodeNpy } from "./npy.ts";
import { decodeSafeTensors } from "./safetensors.ts";
import { ELEMENT_TYPES } from "./stored_tensor.ts";

/** A tensor of a file. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** Its type by the names of safetensors; null where only its numbers are known. */
  readonly type: string | null;
  /** Its elements as bytes, where they are bytes; a view of the file. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** Its elements as 32-bit floats. */
  floats(): Float32Array<ArrayBuffer>;
}

/** Whether a path is that of a file of tensors, by its ending. */
export function isTensorPath(path: string): boolean {
  return /\.(npy|safetensors)$/i.test(path);
}

/**
 * The tensor of a file.
 *
 * @param name Its name in safetensors, where there are several.
 * @throws {UserError} if there is no such file or no such tensor, or it is damaged.
 */
export async function readTensor(
  path: string,
  name: string,
): Promise<FileTensor> {
  const bytes = await readBytes(path);
  if (path.toLowerCase().endsWith(".npy")) {
    const { shape, type, bytes: own } = decodeNpy(bytes, path);
    return {
      shape,
      type,
      bytes: type === "U8" ? own : null,
      floats: () => ELEMENT_TYPES.get(type)!.read(own.slice().buffer),
    };
  }
  const { tensors } = decodeSafeTensors(bytes, path);
  const [only] = tensors.values();
  const found = tensors.get(name) ?? (tensors.size === 1 ? only : undefined);
  if (!found) {
    return failureOf(path)(
      `expected a tensor ${name} but found ${
        [...tensors.keys()].join(", ") || "none"
      }`,
    );
  }
  const { shape } = found;
  return { shape, type: null, bytes: null, floats: () => found.data };
}
