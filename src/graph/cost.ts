// The cost of a program, counted from its data before it runs: launches, arithmetic,
// traffic and memory.

import type { Dispatch, Program } from "../gpu/program.ts";

/** The cost of one run of a program. Times depend on the device. */
export interface ProgramCost {
  /** Kernel launches, loops counted. */
  readonly dispatches: number;
  /** Floating-point operations, a multiply-add counted as two. */
  readonly flops: number;
  /** Bytes that the dispatches read or write at least once. */
  readonly bytes: number;
  /** Bytes of scratch buffers, which programs on one device share. */
  readonly scratchBytes: number;
  /** Bytes of the variables that the program touches. */
  readonly variableBytes: number;
}

/** Counts a program's dispatches, arithmetic, traffic and memory. */
export function costOf(program: Program): ProgramCost {
  let dispatches = 0, flops = 0, bytes = 0;
  for (const { repeat, dispatches: list } of program.blocks) {
    dispatches += repeat * list.length;
    for (const dispatch of list) {
      flops += repeat * (dispatch.flops ?? 0);
      bytes += repeat * trafficOf(dispatch);
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

/**
 * Bytes that a dispatch reads or writes: what it says, else those that it binds. A view
 * that is bound twice counts once: the kernel does not read the second binding.
 */
export function trafficOf({ reads, writes, traffic }: Dispatch): number {
  if (traffic !== undefined) return traffic;
  const sizes = [...reads, ...writes].map(({ buffer, offset, size }) =>
    [`${buffer}@${offset}`, size] as const
  );
  return [...new Map(sizes).values()].reduce((sum, size) => sum + size, 0);
}
