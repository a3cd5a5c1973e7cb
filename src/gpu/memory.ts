// The buffers of variables, which outlive a run. Programs only name variables; a memory
// has one buffer for each, found by identity, so that two programs that name the same
// variable share its values.

import type { Device } from "./device.ts";
import { type BufferPart, readBuffers } from "./readback.ts";

/** The location of a variable: a part of the buffer of its root, in bytes. */
export interface Located {
  readonly name: string;
  /** The variable that owns the buffer; the variable itself where it is no slice. */
  readonly root: object;
  readonly rootBytes: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The persistent buffers of one training run or evaluation. */
export class Memory {
  readonly device: Device;
  readonly #buffers = new Map<object, GPUBuffer>();

  constructor(device: Device) {
    this.device = device;
  }

  /** The buffer of a root variable; it is created, with zeros, on the first call. */
  buffer(root: object, spec: { label: string; size: number }): GPUBuffer {
    let buffer = this.#buffers.get(root);
    if (!buffer) {
      buffer = this.device.createBuffer(spec.label, spec);
      this.#buffers.set(root, buffer);
    }
    return buffer;
  }

  /** The buffer and range of a variable or a slice of one. */
  part({ name, root, rootBytes, byteOffset, byteLength }: Located): BufferPart {
    const buffer = this.buffer(root, { label: name, size: rootBytes });
    return { buffer, offset: byteOffset, size: byteLength };
  }

  /**
   * Sets a variable's contents.
   *
   * @throws {RangeError} if `data` has not exactly the variable's size.
   */
  write(variable: Located, data: BufferSource): void {
    const { buffer, offset, size } = this.part(variable);
    if (data.byteLength !== size) {
      throw new RangeError(
        `Cannot write ${variable.name}: expected ${size} bytes but found ${data.byteLength}`,
      );
    }
    this.device.write(buffer, data, { offset });
  }

  /** Reads variables in one wait, in the order given. */
  read(variables: readonly Located[]): Promise<ArrayBuffer[]> {
    return readBuffers(this.device, variables.map((v) => this.part(v)));
  }

  /** Destroys the buffer of a root variable, if there is one. */
  release(root: object): void {
    this.#buffers.get(root)?.destroy();
    this.#buffers.delete(root);
  }

  /** Bytes held on the device. */
  get size(): number {
    let bytes = 0;
    for (const buffer of this.#buffers.values()) bytes += buffer.size;
    return bytes;
  }

  /** Destroys every buffer. */
  dispose(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
