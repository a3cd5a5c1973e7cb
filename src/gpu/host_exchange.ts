// The exchanges of a program, carried out by the host: it reads numbers from the device,
// hands them to a communicator, and writes back what the ranks have together.
//
// Long buffers go in chunks: while one is summed on another thread, those after it arrive,
// and the one before is on its way to the device. All are asked for at once, since each
// wait for a device takes Deno at least 10 ms.

import type { Communicator } from "../base/communicator.ts";
import type { Device } from "./device.ts";
import type { Exchange } from "./program.ts";
import type { BufferPart } from "./readback.ts";

/** Bytes in a chunk: long enough for the network, and short enough to overlap. */
const CHUNK = 4 * 2 ** 20;

/** An exchange between parts of buffers. */
export type BoundExchange = Exchange<BufferPart>;

/** Carries out the exchanges of programs, as `HostExchange` does. */
export interface ExchangeHost {
  /** Exchanges numbers with other ranks, in the order given. */
  exchange(exchanges: readonly BoundExchange[]): Promise<void>;
}

/** Carries out exchanges on one device. Dispose of it. */
export class HostExchange implements ExchangeHost {
  readonly #device: Device;
  readonly #communicator: Communicator;
  /** Room for every chunk of the largest exchange so far. */
  readonly #staging: GPUBuffer[] = [];

  constructor(device: Device, communicator: Communicator) {
    this.#device = device;
    this.#communicator = communicator;
  }

  async exchange(exchanges: readonly BoundExchange[]): Promise<void> {
    const chunks = exchanges.flatMap((one) => [...chunksOf(one)]);
    const arrivals = this.#read(chunks);
    // A failure is thrown where it is awaited.
    for (const arrival of arrivals) arrival.catch(() => {});
    for (const [i, chunk] of chunks.entries()) {
      const result = await this.#together(await arrivals[i]!, chunk);
      const { buffer, offset } = chunk.to;
      this.#device.write(buffer, result, { offset });
    }
    this.#device.turns.drained();
  }

  async #together(
    numbers: Float32Array<ArrayBuffer>,
    { kind, weight, counts }: BoundExchange,
  ): Promise<Float32Array<ArrayBuffer>> {
    const communicator = this.#communicator;
    if (kind === "gather") return await communicator.allGather(numbers, counts);
    if (kind === "mean") scale(numbers, weight);
    await communicator.allReduceSum(numbers);
    if (kind === "total" && communicator.rank > 0) numbers.fill(0);
    return numbers;
  }

  /** Copies all chunks in one submission, and maps them as they arrive. */
  #read(
    chunks: readonly BoundExchange[],
  ): Promise<Float32Array<ArrayBuffer>>[] {
    const encoder = this.#device.gpu.createCommandEncoder();
    const staged = chunks.map(({ from: { buffer, offset, size } }, i) => {
      const staging = this.#stagingOf(i, size);
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
      return { staging, size };
    });
    this.#device.submit(encoder);
    return staged.map(async ({ staging, size }) => {
      try {
        await staging.mapAsync(GPUMapMode.READ, 0, size);
      } catch (error) {
        await this.#device.fail(error);
      }
      this.#device.check();
      const bytes = staging.getMappedRange(0, size).slice(0);
      staging.unmap();
      return new Float32Array(bytes);
    });
  }

  #stagingOf(i: number, size: number): GPUBuffer {
    const known = this.#staging[i];
    if (known && known.size >= size) return known;
    known?.destroy();
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    return this.#staging[i] = this.#device.createBuffer("exchange", {
      size,
      usage: MAP_READ | COPY_DST,
    });
  }

  /** Releases the staging buffers. */
  dispose(): void {
    for (const buffer of this.#staging) buffer.destroy();
    this.#staging.length = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** An exchange cut into chunks; gathered rows stay together. */
function* chunksOf(exchange: BoundExchange): Generator<BoundExchange> {
  const { kind, from, to } = exchange;
  if (kind === "gather") {
    yield exchange;
    return;
  }
  for (let start = 0; start < from.size; start += CHUNK) {
    const size = Math.min(CHUNK, from.size - start);
    yield {
      ...exchange,
      from: { ...from, offset: from.offset + start, size },
      to: { ...to, offset: to.offset + start, size },
    };
  }
}

function scale(numbers: Float32Array, factor: number): void {
  for (let i = 0; i < numbers.length; i++) numbers[i]! *= factor;
}
