// Whether x is not a number, by its bits: drivers may assume that comparisons never
// meet one, and then answer x != x with false.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
