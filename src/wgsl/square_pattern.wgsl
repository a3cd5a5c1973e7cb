// The pattern of a Euclidean window of the Square attack: two rectangles, one above
// the other, of opposite signs, each highest in its middle; both of norm 1 before the
// whole is. Where an element lies d rows or columns from the middle of its rectangle,
// whichever is more, it has the sum of 1 / k² over k from d + 1 to the rectangle's
// reach, times a scale. The host declares `pattern_scales` with those of a side.

fn apart(a: u32, b: u32) -> u32 {
  return max(a, b) - min(a, b);
}

// An element of a rectangle before scaling.
fn peak(row: u32, column: u32, height: u32, width: u32) -> f32 {
  let far = max(apart(row, height / 2u), apart(column, width / 2u));
  let reach = max(height, width) / 2u + 1u;
  var sum = 0.0;
  for (var k = far + 1u; k <= reach; k++) {
    sum += 1.0 / f32(k * k);
  }
  return sum;
}

// An element of a square window, or of its transpose.
fn pattern(row: u32, column: u32, side: u32, transposed: bool) -> f32 {
  let r = select(row, column, transposed);
  let c = select(column, row, transposed);
  let upper = side / 2u;
  let scales = pattern_scales(side);
  if (r < upper) {
    return scales.x * peak(r, c, upper, side);
  }
  return -scales.y * peak(r - upper, c, side - upper, side);
}

// 1 or -1 for each channel, from a bit for each.
fn signs(bits: u32) -> Pixel {
  var result = Pixel(0);
  for (var channel = 0u; channel < CHANNELS; channel++) { // unroll
    result[channel] = select(-1.0, 1.0, ((bits >> channel) & 1u) == 1u);
  }
  return result;
}
