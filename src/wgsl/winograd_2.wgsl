// The transforms of F(2x2, 3x3) along one dimension (Lavin and Gray, "Fast algorithms
// for convolutional neural networks", 2016): two outputs of a filter of three taps by
// four multiplications. Points 0, 1, -1 and infinity.

// B^T d: four neighboring inputs.
fn input_line(d: array<Lane, 4>) -> array<Lane, 4> {
  return array<Lane, 4>(d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]);
}

// G g: three taps.
fn filter_line(g: array<Lane, 3>) -> array<Lane, 4> {
  let even = 0.5 * (g[0] + g[2]);
  let odd = 0.5 * g[1];
  return array<Lane, 4>(g[0], even + odd, even - odd, g[2]);
}

// A^T m: from four products to two outputs.
fn output_line(m: array<Lane, 4>) -> array<Lane, 2> {
  return array<Lane, 2>(m[0] + m[1] + m[2], m[1] - m[2] - m[3]);
}

// A y, the adjoint of `output_line`.
fn cotangent_line(y: array<Lane, 2>) -> array<Lane, 4> {
  return array<Lane, 4>(y[0], y[0] + y[1], y[0] - y[1], -y[1]);
}

// G^T m, the adjoint of `filter_line`.
fn gradient_line(m: array<Lane, 4>) -> array<Lane, 3> {
  let even = 0.5 * (m[1] + m[2]);
  let odd = 0.5 * (m[1] - m[2]);
  return array<Lane, 3>(m[0] + even, odd, even + m[3]);
}
