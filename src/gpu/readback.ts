// Reading from the device; no other file maps buffers. A read copies into a staging buffer
// and waits for it. In Deno that drains the GPU and takes at least 10 ms, so nothing inside
// a step reads, and a log reads the previous copy while the next steps run.

import type { Device } from "./device.ts";

/** A part of a buffer, in bytes. */
export interface BufferPart {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Reads parts of buffers in one wait, in the order given. */
export async function readBuffers(
  device: Device,
  parts: readonly BufferPart[],
): Promise<ArrayBuffer[]> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size === 0) return parts.map(() => new ArrayBuffer(0));
  const { MAP_READ, COPY_DST } = GPUBufferUsage;
  const staging = device.createBuffer("staging", {
    size,
    usage: MAP_READ | COPY_DST,
  });
  try {
    const encoder = device.gpu.createCommandEncoder();
    let end = 0;
    for (const { buffer, offset, size } of parts) {
      encoder.copyBufferToBuffer(buffer, offset, staging, end, size);
      end += size;
    }
    device.submit(encoder);
    await mapped(device, staging);
    device.check();
    const bytes = staging.getMappedRange();
    let start = 0;
    return parts.map(({ size }) => bytes.slice(start, start += size));
  } finally {
    staging.destroy();
  }
}

async function mapped(device: Device, staging: GPUBuffer): Promise<void> {
  try {
    await staging.mapAsync(GPUMapMode.READ);
    device.turns.drained();
  } catch (error) {
    await device.fail(error);
  }
}

/** A copy that has not arrived yet. */
type Pending = Promise<ArrayBuffer> | null;

/**
 * A copy of one small buffer that is taken now and read later, without
 * allocating: two staging buffers take turns.
 */
export class Snapshots {
  readonly #device: Device;
  readonly #source: BufferPart;
  readonly #staging: [GPUBuffer, GPUBuffer];
  readonly #pending: [Pending, Pending] = [null, null];
  #turn: 0 | 1 = 0;

  constructor(device: Device, source: BufferPart) {
    this.#device = device;
    this.#source = source;
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const create = () =>
      device.createBuffer("snapshot", {
        size: source.size,
        usage: MAP_READ | COPY_DST,
      });
    this.#staging = [create(), create()];
  }

  /**
   * Copies the source as it is after all work submitted so far.
   *
   * @throws {Error} if two earlier copies have not arrived yet.
   */
  take(): Promise<ArrayBuffer> {
    const turn = this.#turn;
    if (this.#pending[turn]) {
      throw new Error(
        "Cannot take a snapshot: expected the one before the last to have arrived",
      );
    }
    const staging = this.#staging[turn];
    this.#turn = turn === 0 ? 1 : 0;
    const { buffer, offset, size } = this.#source;
    const encoder = this.#device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    this.#device.submit(encoder);
    const contents = mapped(this.#device, staging).then(() => {
      this.#device.check();
      const bytes = staging.getMappedRange().slice(0);
      staging.unmap();
      this.#pending[turn] = null;
      return bytes;
    });
    this.#pending[turn] = contents;
    return contents;
  }

  /** Waits for copies under way, then releases the staging buffers. */
  async dispose(): Promise<void> {
    await Promise.allSettled(this.#pending);
    for (const buffer of this.#staging) buffer.destroy();
  }
}
