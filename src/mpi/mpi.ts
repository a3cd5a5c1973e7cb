// A communicator over the system's MPI. The library is the whole engine: nothing is built
// or downloaded, and a launcher (mpiexec, srun) starts the processes and ends them all
// where one dies.
//
// One call is under way at a time, as `MPI_THREAD_SERIALIZED` asks for, but on any thread:
// sums of gradients run beside JavaScript, so that the device reads and writes meanwhile.

import type { Communicator } from "../base/communicator.ts";
import { UserError } from "../base/errors.ts";
import { likelyAbis } from "./abi.ts";
import { type MpiLibrary, openLibrary } from "./library.ts";

/** `MPI_THREAD_SERIALIZED`. */
const SERIALIZED = 2;

/** Most numbers in one call, whose counts have 32 bits. */
const MOST = 2 ** 28;

/** Milliseconds between two looks at whether the others have come: a part of the wait. */
const LOOK = { part: 0.02, most: 20 } as const;

/** The variables that say which MPI started this process. */
export type Environment = (variable: string) => string | undefined;

/**
 * Joins the ranks that mpiexec or srun has started.
 *
 * @throws {UserError} if no launcher has, or there is no library.
 */
export function openMpi(environment: Environment): MpiCommunicator {
  const abis = likelyAbis((name) => environment(name) !== undefined);
  if (abis.length === 0) {
    throw new UserError(
      "Cannot join other ranks: expected to be started by mpiexec, or by srun " +
        "with --mpi, but found none of the variables that they set",
    );
  }
  const library = openLibrary(abis);
  const communicator = new MpiCommunicator(library);
  const sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];
  const started = Number(sizes.map(environment).find(Boolean) ?? 1);
  if (communicator.size === 1 && started > 1) {
    throw new UserError(
      `Cannot join other ranks: expected ${started} of them but found 1; the ` +
        `launcher is not that of ${communicator.engine}, whose library is here`,
    );
  }
  return communicator;
}

/** The ranks of a launched program. */
export class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly engine: string;
  /** The machine's name, to tell which ranks share one. */
  readonly machine: string;
  readonly #library: MpiLibrary;

  constructor(library: MpiLibrary) {
    this.#library = library;
    const { call, handles: { world } } = library;
    const provided = outside(Int32Array, 1);
    call.MPI_Init_thread(null, null, SERIALIZED, provided);
    const one = outside(Int32Array, 1);
    call.MPI_Comm_rank(world, one);
    this.rank = one[0]!;
    call.MPI_Comm_size(world, one);
    this.size = one[0]!;
    this.engine = engineName(text(call.MPI_Get_library_version));
    this.machine = text(call.MPI_Get_processor_name);
    if (provided[0]! >= SERIALIZED) return;
    throw new UserError(
      "Cannot use MPI: expected a library that can be called from several " +
        `threads but found ${this.engine}, which was built without`,
    );
  }

  async allReduceSum(numbers: Float32Array<ArrayBuffer>): Promise<void> {
    const { abi, call, handles: { float, sum, world } } = this.#library;
    for (const part of partsOf(numbers)) {
      const { length } = part;
      await call.MPI_Allreduce(abi.inPlace, part, length, float, sum, world);
    }
  }

  async agree(numbers: Float32Array<ArrayBuffer>): Promise<void> {
    const { abi, call, handles: { float, sum, world } } = this.#library;
    const held = outside(Float32Array, numbers.length);
    held.set(numbers);
    const request = outside(BigInt64Array, 1);
    const { inPlace } = abi;
    const { length } = held;
    call.MPI_Iallreduce(inPlace, held, length, float, sum, world, request);
    const done = outside(Int32Array, 1);
    const status = outside(BigInt64Array, 8);
    const began = performance.now();
    while (call.MPI_Test(request, done, status) === 0 && done[0] === 0) {
      const waited = performance.now() - began;
      const pause = Math.min(LOOK.most, LOOK.part * waited);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    numbers.set(held);
  }

  async allGather(
    own: Float32Array<ArrayBuffer>,
    counts: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const { call, handles: { float, world } } = this.#library;
    const [sizes, starts] = [
      outside(Int32Array, this.size),
      outside(Int32Array, this.size),
    ];
    let total = 0;
    counts.forEach((count, rank) => {
      sizes[rank] = count;
      starts[rank] = total;
      total += count;
    });
    const all = outside(Float32Array, total);
    const { length } = own;
    const received = [all, sizes, starts, float, world] as const;
    await call.MPI_Allgatherv(own, length, float, ...received);
    return all;
  }

  async broadcast(numbers: Float32Array<ArrayBuffer>): Promise<void> {
    const { call, handles: { float, world } } = this.#library;
    for (const part of partsOf(numbers)) {
      await call.MPI_Bcast(part, part.length, float, 0, world);
    }
  }

  async close(): Promise<void> {
    // Ranks may come late: rank 0 evaluates while the others have nothing to do.
    await this.agree(new Float32Array(1));
    this.#library.call.MPI_Finalize();
  }

  abort(code: number): void {
    const { call, handles: { world } } = this.#library;
    call.MPI_Abort(world, code);
  }
}

/** "Open MPI 4.1.4" of "Open MPI v4.1.4, package: …", "MPICH 4.0.2" of a table. */
function engineName(version: string): string {
  const [line = ""] = version.split(/[\n,]/);
  return line.replace(/ (Library|Version:|v)\s*/g, " ")
    .replace(/Version:/, "").replaceAll(/\s+/g, " ").trim();
}

/** The text that a function writes to a buffer. */
function text(
  write: (
    buffer: Uint8Array<ArrayBuffer>,
    length: Int32Array<ArrayBuffer>,
  ) => number,
): string {
  const buffer = outside(Uint8Array, 16_384);
  const length = outside(Int32Array, 1);
  write(buffer, length);
  return new TextDecoder().decode(buffer.subarray(0, length[0]))
    .replace(/\0+$/, "");
}

/** A new array that stays in its place in memory, as V8's small arrays do not. */
function outside<A>(
  kind: { new (buffer: ArrayBuffer): A; BYTES_PER_ELEMENT: number },
  length: number,
): A {
  return new kind(new ArrayBuffer(length * kind.BYTES_PER_ELEMENT));
}

/** Consecutive parts of numbers that each fit into one call. */
function* partsOf(
  numbers: Float32Array<ArrayBuffer>,
): Generator<Float32Array<ArrayBuffer>> {
  for (let start = 0; start < numbers.length; start += MOST) {
    yield numbers.subarray(start, start + MOST);
  }
}
