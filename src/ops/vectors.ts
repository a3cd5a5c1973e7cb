// How kernels take elements: four at a time where a count allows it, and converted
// to f32 where they are stored as f16. A kernel declares its large bindings as
// arrays of `Stored` and computes on `Element`.

import type { DType } from "../graph/tensor.ts";

/** The types of a kernel's elements. */
export interface Vectors {
  /** What is computed on. */
  readonly element: "f32" | "vec4f";
  /** What lies in memory. */
  readonly stored: "f32" | "vec4f" | "f16" | "vec4h";
  /** Numbers in one of them. */
  readonly width: 1 | 4;
}

/** The elements of a value that are taken along a run of `count`. */
export function vectorsOf(
  { dtype }: { readonly dtype: DType },
  count: number,
): Vectors {
  const half = dtype === "f16";
  return count % 4 === 0
    ? { element: "vec4f", stored: half ? "vec4h" : "vec4f", width: 4 }
    : { element: "f32", stored: half ? "f16" : "f32", width: 1 };
}
