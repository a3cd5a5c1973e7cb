// The sums of batch norm over all rows of a batch, in parts: blocks of rows give partial
// sums (blocks, 2, C); if there are many, groups of blocks are summed first.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Lowering, Storage } from "../../graph/graph.ts";
import { f32, sizeOf, type TensorType } from "../../graph/tensor.ts";
import { elementOf } from "./channel_affine.ts";
import { kernel } from "../kernel.ts";

/** Rows that one invocation adds: fewer where many invocations run at once. */
const BLOCK = { software: 256, gpu: 64 } as const;

/** Blocks that the last dispatch adds in one go, and the size of a group of them. */
const FEW_BLOCKS = 128;
const GROUP = 32;

/** Partial sums over blocks of rows, as dispatches and where the result is. */
export function rowSums(
  { adapterClass, scratch }: Lowering,
  x: TensorType,
  dispatch: (
    partial: Storage,
    block: number,
  ) => Omit<Dispatch<Storage>, "workgroups">,
): { dispatches: Dispatch<Storage>[]; partial: Storage; blocks: number } {
  const C = x.shape.at(-1)!;
  const rows = sizeOf(x.shape.slice(0, -1));
  const block = BLOCK[adapterClass];
  const blocks = Math.ceil(rows / block);
  const partial = scratch(f32([blocks, 2, C]));
  const first = {
    ...dispatch(partial, block),
    workgroups: linearGrid(blocks * C / elementOf(x).width, 64),
  };
  if (blocks <= FEW_BLOCKS) return { dispatches: [first], partial, blocks };
  const chunks = Math.ceil(blocks / GROUP);
  const fewer = scratch(f32([chunks, 2, C]));
  const second = {
    label: "batch norm sums of blocks",
    kernel: kernel("reduce_sum", { constants: { Stored: "f32" } }),
    reads: [partial],
    writes: [fewer],
    arguments: {
      outer: 1,
      reduced: blocks,
      inner: 2 * C,
      chunks,
      chunk: GROUP,
      factor: 1,
    },
    workgroups: linearGrid(chunks * 2 * C, 64),
  };
  return { dispatches: [first, second], partial: fewer, blocks: chunks };
}
