// The layout of a tensor's elements in its storage. It is checked before memory is
// allocated, since a few bytes of a file can claim any size. Several elements may share a place,
// as those of an expanded tensor do.

import type { Fail } from "../base/fail.ts";

/** Places of a tensor's elements, counted in elements. */
export interface TensorLayout {
  /** Place of the first element. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Steps from an element to the next one along each axis. */
  readonly stride: readonly number[];
}

/** Most axes of a tensor. */
export const MOST_AXES = 16;

/** Refuses a layout that does not fit into a storage of `length` elements. */
export function checkLayout(
  { offset, shape, stride }: TensorLayout,
  { length, fail }: { readonly length: number; readonly fail: Fail },
): void {
  if (shape.includes(0)) return;
  const reach = shape.reduce(
    (sum, size, axis) => sum + (size - 1) * stride[axis]!,
    offset,
  );
  if (reach < length) return;
  fail(
    `expected a storage of more than ${reach} elements for shape (${
      shape.join(", ")
    }) but found ${length}`,
  );
}

/** The number of elements. */
export function countOf({ shape }: Pick<TensorLayout, "shape">): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether elements follow each other as in a tensor of their own. */
export function isContiguous({ shape, stride }: TensorLayout): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Elements in row-major order; those of a contiguous tensor are not copied. */
export function gather(
  storage: Float32Array<ArrayBuffer>,
  layout: TensorLayout,
): Float32Array<ArrayBuffer> {
  const { offset, shape, stride } = layout;
  const count = countOf(layout);
  if (isContiguous(layout)) return storage.subarray(offset, offset + count);
  const elements = new Float32Array(count);
  const index = shape.map(() => 0);
  for (let i = 0, place = offset; i < count; i++) {
    elements[i] = storage[place]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      place -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return elements;
}
