// A program is plain data that a device runs: a list of buffers, and of kernels that read
// and write parts of them, in order. It can be printed, counted and compared without a
// device; `plan.ts` binds it to one.
//
// A block with `repeat: 10` is a loop: its dispatches are encoded ten times.
// The compiler has moved operations that do not change between iterations before the loop,
// so nothing here knows about invariance, shapes or derivatives.

import { MAX_WORKGROUPS } from "./limits.ts";

/** A WGSL kernel and its specialization. Equal fields mean an equal pipeline. */
export interface Kernel {
  /** Name of the file in `src/wgsl` that holds the entry point `main`. */
  readonly name: string;
  /** WGSL text: the file, after the files that it builds on. */
  readonly source: string;
  /** Values declared as `const` in front of the text; a string is a type (`alias`). */
  readonly constants: Readonly<Record<string, number | boolean | string>>;
  /** Declarations written for this kernel, such as a pointwise expression. */
  readonly declarations?: string;
}

/** The access of a kernel to a binding. */
export type Access = "read" | "write";

/** A part of one of the program's buffers. Sizes are in bytes. */
export interface View {
  /** Index into {@linkcode Program.buffers}. */
  readonly buffer: number;
  readonly offset: number;
  readonly size: number;
}

/** One kernel launch. `V` is a {@linkcode View} once buffers are placed. */
export interface Dispatch<V = View> {
  /** Shown in profiles and error messages, such as `conv2d 16x32x32 -> 16`. */
  readonly label: string;
  readonly kernel: Kernel;
  /** Bindings 0, 1, … in this order, then the writes. */
  readonly reads: readonly V[];
  readonly writes: readonly V[];
  /** Fields of the kernel's `struct Arguments`, by name: sizes and other numbers. */
  readonly arguments?: Readonly<Record<string, number>>;
  /** Workgroups along x, y and z; each at most `MAX_WORKGROUPS`. */
  readonly workgroups: readonly [number, number, number];
  /** Floating-point operations, where the kernel's cost is arithmetic. */
  readonly flops?: number;
  /** Those that the kernel does, where Winograd's method takes fewer than `flops`. */
  readonly arithmetic?: number;
  /** Bytes that it reads and writes, where those are parts of what it binds. */
  readonly traffic?: number;
}

/**
 * A buffer that the program needs. One with a `variable` outlives the run and is
 * shared by every program that names the same variable; the others are scratch.
 */
export interface BufferSpec {
  readonly label: string;
  /** Bytes, a multiple of 4. */
  readonly size: number;
  /** The identity of the variable that lives here. */
  readonly variable?: object;
}

/**
 * Numbers of one buffer that the host exchanges with other processes:
 *
 * - "sum" replaces them by their sums over all ranks;
 * - "mean" by their means, with the rank's part of the batch for its weight;
 * - "total" by their sums on rank 0, and by zeros elsewhere;
 * - "gather" reads the rank's rows, and writes those of all ranks after one another.
 */
export interface Exchange<V = View> {
  readonly kind: "sum" | "mean" | "total" | "gather";
  /** The rank's own numbers. */
  readonly from: V;
  /** Where the result goes: the same place, but for "gather". */
  readonly to: V;
  /** The rank's weight in a mean, from 0 to 1; 1 in all else. */
  readonly weight: number;
  /** How many numbers each rank has; empty but for "gather". */
  readonly counts: readonly number[];
}

/** Dispatches that run in order, `repeat` times, and exchanges behind them. */
export interface Block {
  readonly repeat: number;
  readonly dispatches: readonly Dispatch[];
  /** What the host does before the next block; nothing if left out. */
  readonly exchanges?: readonly Exchange[];
}

/** Everything a device needs to run one step. */
export interface Program {
  readonly name: string;
  readonly buffers: readonly BufferSpec[];
  readonly blocks: readonly Block[];
}

/**
 * Workgroups for a one-dimensional kernel over `threads` invocations, folded into
 * two dimensions where one is too short. The kernel finds its place with
 * `linear_index` of `src/wgsl/linear_index.wgsl`, and must check the bound.
 */
export function linearGrid(
  threads: number,
  workgroupSize: number,
): [number, number, number] {
  const groups = Math.max(1, Math.ceil(threads / workgroupSize));
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
