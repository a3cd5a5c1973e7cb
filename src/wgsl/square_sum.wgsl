// A sum of squares without rounding where it matters, for vectors v of which the host
// of the sum has brought the length near 2^13: whole numbers are added as integers,
// which is exact, and what is left, far less, as floats. Corrections of rounding errors
// by differences, as Kahan's, would not do: compilers for graphics take such differences
// for 0.
//
//   v² = top² + (v - top) (v + top)      top = v cut to 12 digits, so that top² is exact
//
// `Element` is f32 or vec4f, `Whole` u32 or vec4u; the host declares them.

struct SquareSum {
  whole: Whole,
  part: Element,
}

var<workgroup> whole_total: atomic<u32>;

fn cut(v: Element) -> Element {
  return bitcast<Element>(bitcast<Whole>(v) & Whole(0xfffff000u));
}

fn add_square(sum: SquareSum, v: Element) -> SquareSum {
  let top = cut(v);
  let square = top * top;
  let whole = floor(square);
  let part = (square - whole) + (v - top) * (v + top);
  return SquareSum(sum.whole + Whole(whole), sum.part + part);
}

// The sum of one integer per invocation. To be called once, by every invocation.
fn workgroup_whole(value: u32) -> u32 {
  atomicAdd(&whole_total, value);
  workgroupBarrier();
  return atomicLoad(&whole_total);
}
