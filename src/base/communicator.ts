// What the processes of one training run exchange. Training knows this interface alone:
// MPI is behind it (`src/mpi`), and in tests the memory of one process.
//
// Every method is a collective operation: all ranks call the same ones in the same order,
// with as many numbers, and one at a time.

/** The place of a process among those of one run. */
export interface RankPlace {
  /** Counted from 0; rank 0 leads: it alone writes files and evaluates. */
  readonly rank: number;
  /** The number of ranks, at least 1. */
  readonly size: number;
}

/** The processes of one run, as one of them sees them. */
export interface Communicator extends RankPlace {
  /** What connects them, such as "Open MPI 4.1.4". */
  readonly engine: string;
  /** Replaces numbers by their sums over all ranks, which are equal on all of them. */
  allReduceSum(numbers: Float32Array<ArrayBuffer>): Promise<void>;
  /**
   * The same of a few numbers, for a rank that may have to wait long for the others:
   * meanwhile it uses no processor, and signal handlers run.
   */
  agree(numbers: Float32Array<ArrayBuffer>): Promise<void>;
  /** Concatenates what the ranks have, by rank, `counts` numbers of each. */
  allGather(
    own: Float32Array<ArrayBuffer>,
    counts: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>>;
  /** Replaces numbers by those of rank 0. */
  broadcast(numbers: Float32Array<ArrayBuffer>): Promise<void>;
  /** Ends this process's part, once all ranks have called it. */
  close(): Promise<void>;
  /** Ends the processes of all ranks at once, with an exit code; this one too. */
  abort(code: number): void;
}

/** Consecutive items that one rank takes of a whole. */
export interface Share {
  /** The first of them. */
  readonly first: number;
  /** How many they are. */
  readonly count: number;
}

/** The shares of all ranks, by rank, as equal as can be: the first have one more. */
export function sharesOf(count: number, size: number): Share[] {
  const least = Math.floor(count / size);
  const more = count % size;
  return Array.from({ length: size }, (_, rank) => ({
    first: rank * least + Math.min(rank, more),
    count: least + (rank < more ? 1 : 0),
  }));
}
