// What a program costs, counted from its data: launches, arithmetic, traffic and
// memory, before anything has run.

import type { Program } from "../gpu/program.ts";

/** What one run of a program costs. Times are for a device to tell. */
export interface ProgramCost {
  /** Kernel launches, loops counted. */
  readonly dispatches: number;
  /** Floating-point operations, a multiply-add counted as two. */
  readonly flops: number;
  /** Bytes named by all bindings: what the kernels read and write at least once. */
  readonly bytes: number;
  /** Bytes of scratch buffers, which programs on one device share. */
  readonly scratchBytes: number;
  /** Bytes of the variables that the program touches. */
  readonly variableBytes: number;
}

/** Counts a program's dispatches, arithmetic, traffic and memory. */
export function costOf(program: Program): ProgramCost {
  let dispatches = 0, flops = 0, bytes = 0;
  for (const { repeat, dispatches: list } of program.segments) {
    dispatches += repeat * list.length;
    for (const { reads, writes, flops: work = 0 } of list) {
      flops += repeat * work;
      for (const view of [...reads, ...writes]) bytes += repeat * view.size;
    }
  }
  const total = (variables: boolean) =>
    program.buffers
      .filter(({ variable }) => (variable !== undefined) === variables)
      .reduce((sum, { size }) => sum + size, 0);
  return {
    dispatches,
    flops,
    bytes,
    scratchBytes: total(false),
    variableBytes: total(true),
  };
}
