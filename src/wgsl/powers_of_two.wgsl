// Powers of two that bring a number near 1, by its exponent: multiplying by them is
// exact, so that squares neither overflow nor vanish. A device may take a number below
// the smallest normal one, 2^-126, for 0; no power here is one, nor its inverse.

fn power_for(bits: u32, exponent: u32) -> f32 {
  let field = clamp(254u + exponent - min(bits >> 23u, 254u), 1u, 253u);
  return bitcast<f32>(field << 23u);
}

// One over a power of two.
fn inverse_power(power: f32) -> f32 {
  return bitcast<f32>(0x7f000000u - bitcast<u32>(power));
}
