// How kernels of perturbations take the elements of an image: four at a time where
// their number allows it.

/** The declarations of a kernel's elements, and their number. */
export interface Lanes {
  readonly Element: "f32" | "vec4f";
  /** WGSL: `Whole`, the integers beside them, and what the lanes of each add up to. */
  readonly declarations: string;
  /** Elements in an image. */
  readonly size: number;
}

/** The elements of an image of `count` numbers. */
export function lanesOf(count: number): Lanes {
  return count % 4 === 0
    ? { Element: "vec4f", declarations: FOUR, size: count / 4 }
    : { Element: "f32", declarations: ONE, size: count };
}

const ONE = `alias Whole = u32;
fn total(v: f32) -> f32 {
  return v;
}
fn total_whole(v: u32) -> u32 {
  return v;
}
fn largest_bits(v: f32) -> u32 {
  return bitcast<u32>(abs(v));
}`;

const FOUR = `alias Whole = vec4u;
fn total(v: vec4f) -> f32 {
  return v.x + v.y + v.z + v.w;
}
fn total_whole(v: vec4u) -> u32 {
  return v.x + v.y + v.z + v.w;
}
fn largest_bits(v: vec4f) -> u32 {
  let bits = bitcast<vec4u>(abs(v));
  return max(max(bits.x, bits.y), max(bits.z, bits.w));
}`;
