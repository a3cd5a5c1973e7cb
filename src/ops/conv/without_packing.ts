// A program without what depends on weights alone, which an attack does once before its
// loop: the program does then what every turn of the loop does.

import type { Dispatch, Program } from "../../gpu/program.ts";
import type { Variable } from "../../graph/tensor.ts";

/** What a program does in every turn of an attack's loop. */
export function withoutPacking(program: Program, weights: Variable): Program {
  const packed = new Set(
    program.buffers.flatMap(({ variable }, i) =>
      variable === weights ? [i] : []
    ),
  );
  const isPacking = ({ reads, writes }: Dispatch): boolean => {
    const packs = reads.length > 0 &&
      reads.every(({ buffer }) => packed.has(buffer));
    // Scratch buffers are used again, for something else.
    for (const { buffer } of writes) {
      if (packs) packed.add(buffer);
      else packed.delete(buffer);
    }
    return packs;
  };
  return {
    ...program,
    blocks: program.blocks.map(({ repeat, dispatches }) => ({
      repeat,
      dispatches: dispatches.filter((dispatch) => !isPacking(dispatch)),
    })),
  };
}
