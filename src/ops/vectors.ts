// The element types of kernels: vectors of four where a count allows it, converted to f32
// where they are stored as f16. A kernel declares its large bindings as arrays of `Stored`
// and computes on `Element`.

import type { Target } from "../gpu/device.ts";
import type { DType } from "../graph/tensor.ts";
import { WGSL } from "../wgsl/mod.gen.ts";

/** The types of a kernel's elements. */
export interface Vectors {
  /** The type in computations. */
  readonly element: "f32" | "vec4f";
  /** The type in memory. */
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

/**
 * How a kernel reads and writes vectors in bindings that it declares as `array<Packed>`,
 * for its declarations: as they are stored, or as integers of 64 bits, which is faster
 * on software adapters (src/wgsl/long_vectors.wgsl).
 */
export function vectorAccess(
  { shaderInt64 }: Target,
  { element, stored }: { readonly element: string; readonly stored: string } =
    FOUR,
): { readonly declarations: string } {
  if (shaderInt64 && stored === "vec4f") {
    return { declarations: WGSL.long_vectors };
  }
  return {
    declarations: `alias Packed = ${stored};
fn unpack(packed: Packed) -> ${element} {
  return ${element}(packed);
}
fn pack(vector: ${element}) -> Packed {
  return Packed(vector);
}`,
  };
}

/**
 * How many of an invocation's elements a kernel's text has written out: all four on GPUs,
 * which then load them at once, and one on software adapters, where what is written out
 * takes longer to compile and no less to run.
 */
export function itemsFor({ adapterClass }: Target): { readonly ITEMS: number } {
  return { ITEMS: adapterClass === "software" ? 1 : 4 };
}

const FOUR = { element: "vec4f", stored: "vec4f" } as const;
