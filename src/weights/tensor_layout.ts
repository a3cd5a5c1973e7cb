// Where a tensor's elements lie in its storage, checked before anything is made of
// it: a few bytes of a file can claim any size. No two elements of an accepted
// tensor share a place, so that a tensor is never larger than its storage.

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
const MOST_AXES = 16;

/**
 * Refuses a layout that does not fit into a storage of `length` elements, or uses a
 * place twice.
 */
export function checkLayout(
  { offset, shape, stride }: TensorLayout,
  { length, fail }: { readonly length: number; readonly fail: Fail },
): void {
  const numbers = [offset, ...shape, ...stride];
  const whole = numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!whole || shape.length !== stride.length || shape.length > MOST_AXES) {
    fail(
      `expected a shape and strides of whole numbers but found offset ${offset}, ` +
        `shape (${shape.join(", ")}), strides (${stride.join(", ")})`,
    );
  }
  if (shape.includes(0)) return;
  const axes = shape.map((size, axis) => ({ size, step: stride[axis]! }))
    .filter(({ size }) => size > 1).sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { size, step } of axes) {
    if (step <= reach) {
      fail(
        `expected elements in places of their own but found shape (${
          shape.join(", ")
        }) with overlapping strides (${stride.join(", ")})`,
      );
    }
    reach += (size - 1) * step;
  }
  if (!(offset + reach < length)) {
    fail(
      `expected a storage of more than ${offset + reach} elements for shape (${
        shape.join(", ")
      }) but found ${length}`,
    );
  }
}

/** The number of elements. */
export function countOf({ shape }: TensorLayout): number {
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
