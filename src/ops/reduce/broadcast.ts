// NumPy's broadcasting: shapes are aligned at their last axis, and an axis of
// size 1, or a missing one, is repeated.

import { type Shape, sizeOf } from "../../graph/tensor.ts";

/**
 * The shape that all of `shapes` broadcast to.
 *
 * @throws {TypeError} if two sizes differ and neither is 1.
 */
export function broadcastShape(
  operation: string,
  shapes: readonly Shape[],
): Shape {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = Math.max(...sizes);
    if (sizes.some((n) => n !== size && n !== 1)) {
      throw new TypeError(
        `Cannot ${operation}: expected shapes that broadcast but found ${
          shapes.map((shape) => `(${shape.join(", ")})`).join(" and ")
        }`,
      );
    }
    return size;
  });
}

/** How far apart neighbors of each axis of `to` lie in `from`; 0 where repeated. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  return to.map((_, axis) => {
    const own = axis - to.length + from.length;
    const size = from[own] ?? 1;
    return size === 1 ? 0 : sizeOf(from.slice(own + 1));
  });
}
