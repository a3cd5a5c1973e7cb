// The sizes and other numbers of a program's dispatches, which the kernels read as
// uniforms: in one buffer, and equal ones once.

import type { Device } from "./device.ts";
import { packArguments } from "./pipeline.ts";
import type { Program } from "./program.ts";

/** All dispatches' arguments in one uniform buffer, equal ones stored once. */
export class ArgumentsBuffer {
  readonly buffer: GPUBuffer | null = null;
  readonly #device: Device;
  readonly #bindings: (GPUBufferBinding | null)[] = [];
  readonly #contents: Uint8Array<ArrayBuffer>;

  constructor(device: Device, program: Program) {
    this.#device = device;
    const alignment = device.limits.minUniformBufferOffsetAlignment;
    const chunks: ArrayBuffer[] = [];
    const offsets = new Map<string, number>();
    const places: { offset: number; size: number }[] = [];
    let end = 0;
    const dispatches = program.blocks.flatMap(({ dispatches }) => dispatches);
    for (const dispatch of dispatches) {
      const { fields } = device.pipelines.of(dispatch);
      const bytes = packArguments(dispatch, fields);
      const key = new Uint8Array(bytes).join();
      let offset = offsets.get(key);
      if (offset === undefined) {
        offset = end;
        offsets.set(key, offset);
        chunks.push(bytes);
        end += Math.ceil(bytes.byteLength / alignment) * alignment;
      }
      places.push({ offset, size: bytes.byteLength });
    }
    this.#contents = new Uint8Array(end);
    if (end > 0) {
      const { UNIFORM, COPY_DST } = GPUBufferUsage;
      const buffer = device.createBuffer("arguments", {
        size: end,
        usage: UNIFORM | COPY_DST,
      });
      this.buffer = buffer;
      const starts = [...offsets.values()];
      chunks.forEach((bytes, i) =>
        this.#contents.set(new Uint8Array(bytes), starts[i])
      );
      this.#bindings = places.map(({ offset, size }) =>
        size ? { buffer, offset, size } : null
      );
    }
  }

  binding(dispatch: number): GPUBufferBinding | null {
    return this.#bindings[dispatch] ?? null;
  }

  upload(): void {
    if (this.buffer) this.#device.write(this.buffer, this.#contents);
  }
}
