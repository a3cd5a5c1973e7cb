// The bytes of a device's buffers, counted by listening in on their creation and
// destruction: what the program asked the driver for, wherever it did.

import type { Device } from "../src/gpu/device.ts";

/** Bytes in the buffers of one device. */
export class BufferAccount {
  #now = 0;
  #peak = 0;

  /** Counts the buffers that `device` makes from now on. */
  constructor({ gpu }: Device) {
    // deno-lint-ignore house/gpu-calls -- nothing is made here that was not anyway
    const create = gpu.createBuffer.bind(gpu);
    Object.defineProperty(gpu, "createBuffer", {
      value: (descriptor: GPUBufferDescriptor): GPUBuffer => {
        const buffer = create(descriptor);
        this.#follow(buffer);
        return buffer;
      },
    });
  }

  /** Bytes of the buffers that exist. */
  get now(): number {
    return this.#now;
  }

  /** Most bytes that existed at a time. */
  get peak(): number {
    return this.#peak;
  }

  #follow(buffer: GPUBuffer): void {
    const { size } = buffer;
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    this.#now += size;
    this.#peak = Math.max(this.#peak, this.#now);
    Object.defineProperty(buffer, "destroy", {
      value: (): void => {
        if (alive) this.#now -= size;
        alive = false;
        destroy();
      },
    });
  }
}
