// Pieces of variables that are larger than one binding. A device may bind as little as
// 128 MiB at once, which WRN-34-10's parameters and CIFAR-10's images exceed, so
// the operations on them are lowered to one dispatch per piece.

import { BINDING_BYTES } from "../gpu/limits.ts";
import { SLICE_ALIGNMENT, type Tensor, Variable } from "../graph/tensor.ts";

/** A run of items. */
export interface Piece {
  readonly first: number;
  readonly count: number;
}

/** Cuts `count` items of `bytes` each into runs that can be bound, in order. */
export function bindablePieces(
  count: number,
  { bytes, limit = BINDING_BYTES }: {
    readonly bytes: number;
    readonly limit?: number;
  },
): Piece[] {
  if (count * bytes <= limit) return [{ first: 0, count }];
  let step = 1;
  while (step * bytes % SLICE_ALIGNMENT !== 0) step *= 2;
  const most = Math.max(step, Math.floor(limit / (step * bytes)) * step);
  const pieces: Piece[] = [];
  for (let first = 0; first < count; first += most) {
    pieces.push({ first, count: Math.min(most, count - first) });
  }
  return pieces;
}

/** Words `first` to `first + count` of a variable, as a kernel binds them. */
export function partOf(variable: Tensor, { first, count }: Piece): Tensor {
  const { source, dtype } = variable;
  if (!(source instanceof Variable)) {
    throw new TypeError("Cannot bind a part: expected a variable");
  }
  const name = `${source.name} from ${first}`;
  const offset = source.byteOffset + 4 * first;
  const slice = source.root.slice(name, offset, { dtype, shape: [count] });
  return { ...variable, shape: slice.shape, source: slice };
}
