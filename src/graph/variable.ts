// Variables, the state that outlives every run, and types. A `Variable` belongs to no
// graph and holds no numbers: these exist only on a device, in the memory that a program
// is bound to.

/**
 * Element types. Values between operations may be `f16`, half as wide and with 11
 * binary digits; state is never, so that nothing is lost from step to step.
 */
export type DType = "f32" | "f16" | "u32";

/** The floating-point types. */
export type Precision = Exclude<DType, "u32">;

/** Sizes of the dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** The type of a value: element type and shape. */
export interface TensorType {
  /** The type of the elements. */
  readonly dtype: DType;
  /** The sizes of the dimensions. */
  readonly shape: Shape;
}

/** Offsets of slices are multiples of this, as every WebGPU device accepts them. */
export const SLICE_ALIGNMENT = 256;

/** State that outlives a run: parameters, statistics, data, counters. */
export class Variable implements TensorType {
  /** Shown in messages. */
  readonly name: string;
  /** The type of the elements. */
  readonly dtype: DType;
  /** The sizes of the dimensions. */
  readonly shape: Shape;
  #place: { readonly root: Variable; readonly byteOffset: number } | null =
    null;

  /** A variable with a buffer of its own, zeros at first. */
  constructor(name: string, shape: Shape, dtype: DType = "f32") {
    if (dtype === "f16") {
      throw new TypeError(
        `Cannot keep ${name}: expected state to be f32 or u32 but found f16`,
      );
    }
    this.name = name;
    this.shape = checkedShape(shape);
    this.dtype = dtype;
  }

  /** The variable that owns the buffer: this one, or the flat one it is a slice of. */
  get root(): Variable {
    return this.#place?.root ?? this;
  }

  /** Where it begins in the buffer. */
  get byteOffset(): number {
    return this.#place?.byteOffset ?? 0;
  }

  /** Its size. */
  get byteLength(): number {
    return byteLengthOf(this);
  }

  /** The size of the buffer. */
  get rootBytes(): number {
    return this.root.byteLength;
  }

  /** A slice of this flat variable under another name. */
  slice(name: string, byteOffset: number, type: TensorType): Variable {
    const slice = new Variable(name, type.shape, type.dtype);
    slice.placeIn(this, byteOffset);
    return slice;
  }

  /** Makes this variable a slice of `root`. Done once, before anything reads it. */
  placeIn(root: Variable, byteOffset: number): void {
    if (this.#place) {
      throw new TypeError(
        `Cannot place ${this.name}: it is in ${this.root.name} already`,
      );
    }
    if (byteOffset + this.byteLength > root.byteLength) {
      throw new RangeError(
        `Cannot place ${this.name}: expected it to end within ${root.byteLength} bytes but found ${
          byteOffset + this.byteLength
        }`,
      );
    }
    this.#place = { root, byteOffset };
  }
}

/**
 * Lays variables side by side in one flat variable, each at a multiple of 256
 * bytes, so that one kernel, one copy or one write covers them all.
 */
export function flatten(
  name: string,
  variables: readonly Variable[],
): Variable {
  let end = 0;
  const offsets = variables.map(({ byteLength }) => {
    const offset = end;
    end += Math.ceil(byteLength / SLICE_ALIGNMENT) * SLICE_ALIGNMENT;
    return offset;
  });
  // A device has no buffers of size 0.
  const flat = new Variable(name, [Math.max(end, SLICE_ALIGNMENT) / 4]);
  variables.forEach((variable, i) => variable.placeIn(flat, offsets[i]!));
  return flat;
}

/** Whether two variables share bytes. */
export function overlaps(a: Variable, b: Variable): boolean {
  return a.root === b.root &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength;
}

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Bytes that a value takes: whole words of four. */
export function byteLengthOf({ dtype, shape }: TensorType): number {
  return dtype === "f16" ? 4 * Math.ceil(sizeOf(shape) / 2) : 4 * sizeOf(shape);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** A type as text, such as `f32 (128, 32, 32, 3)`. */
export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype} (${shape.join(", ")})`;
}

/** An f32 type of the given shape. */
export function f32(shape: Shape): TensorType {
  return { dtype: "f32", shape };
}

/** A type of the given shape whose elements are those of another. */
export function like(
  { dtype }: Pick<TensorType, "dtype">,
  shape: Shape,
): TensorType {
  return { dtype, shape };
}

function checkedShape(shape: Shape): Shape {
  if (shape.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new RangeError(
      `Cannot make a tensor: expected positive whole sizes but found (${
        shape.join(", ")
      })`,
    );
  }
  return [...shape];
}
