// The exchanges of a program, carried out by the host: it reads numbers from the device,
// hands them to a communicator, and writes back what the ranks have together.
//
// Long buffers go in chunks, so that three things happen at once: while one chunk is summed
// on another thread, the next one is read, and the one before is on its way to the device.

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
  /** Two chunks are under way at a time. */
  readonly #staging: GPUBuffer[] = [];

  constructor(device: Device, communicator: Communicator) {
    this.#device = device;
    this.#communicator = communicator;
  }

  async exchange(exchanges: readonly BoundExchange[]): Promise<void> {
    const chunks = exchanges.flatMap((one) => [...chunksOf(one)]);
    let next = this.#read(chunks, 0);
    for (const [i, chunk] of chunks.entries()) {
      const numbers = await next;
      // Reads while the ranks sum. A failure is thrown where it is awaited.
      next = this.#read(chunks, i + 1);
      next.catch(() => {});
      const result = await this.#together(numbers, chunk);
      const { buffer, offset } = chunk.to;
      this.#device.write(buffer, result, { offset });
    }
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

  /** The numbers of a chunk; none behind the last. */
  async #read(
    chunks: readonly BoundExchange[],
    i: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    const chunk = chunks[i];
    if (!chunk) return new Float32Array(0);
    const { buffer, offset, size } = chunk.from;
    const staging = this.#stagingOf(i % 2, size);
    const encoder = this.#device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    this.#device.submit(encoder);
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, size);
    } catch (error) {
      await this.#device.fail(error);
    }
    this.#device.check();
    this.#device.turns.drained();
    const numbers = new Float32Array(staging.getMappedRange(0, size).slice(0));
    staging.unmap();
    return numbers;
  }

  #stagingOf(turn: number, size: number): GPUBuffer {
    const known = this.#staging[turn];
    if (known && known.size >= size) return known;
    known?.destroy();
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    return this.#staging[turn] = this.#device.createBuffer("exchange", {
      size: Math.max(size, CHUNK),
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
