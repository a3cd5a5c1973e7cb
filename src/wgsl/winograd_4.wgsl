// The transforms of F(4x4, 3x3) along one dimension: four outputs of a filter of three
// taps by six multiplications. Points 0, +-3/4, +-3/2 and infinity, which err a third
// as much as the usual 0, +-1, +-2: powers of the points, by which rounding errors
// are multiplied, stay nearer to 1.

const NEAR = 0.75;
const FAR = 1.5;
const NEAR2 = NEAR * NEAR;
const FAR2 = FAR * FAR;
const NEAR3 = NEAR * NEAR2;
const FAR3 = FAR * FAR2;

// One over the product of a point's differences from the other points.
const AT_ZERO = 1.0 / (NEAR2 * FAR2);
const AT_NEAR = 1.0 / (2.0 * NEAR2 * (NEAR2 - FAR2));
const AT_FAR = 1.0 / (2.0 * FAR2 * (FAR2 - NEAR2));

// B^T d: six neighboring inputs.
fn input_line(d: array<Lane, 6>) -> array<Lane, 6> {
  let near_even = d[4] - FAR2 * d[2];
  let near_odd = NEAR * (d[3] - FAR2 * d[1]);
  let far_even = d[4] - NEAR2 * d[2];
  let far_odd = FAR * (d[3] - NEAR2 * d[1]);
  return array<Lane, 6>(
    (NEAR2 * FAR2) * d[0] - (NEAR2 + FAR2) * d[2] + d[4],
    near_even + near_odd,
    near_even - near_odd,
    far_even + far_odd,
    far_even - far_odd,
    (NEAR2 * FAR2) * d[1] - (NEAR2 + FAR2) * d[3] + d[5],
  );
}

// G g: three taps.
fn filter_line(g: array<Lane, 3>) -> array<Lane, 6> {
  let near_even = AT_NEAR * (g[0] + NEAR2 * g[2]);
  let near_odd = (AT_NEAR * NEAR) * g[1];
  let far_even = AT_FAR * (g[0] + FAR2 * g[2]);
  let far_odd = (AT_FAR * FAR) * g[1];
  return array<Lane, 6>(
    AT_ZERO * g[0],
    near_even + near_odd,
    near_even - near_odd,
    far_even + far_odd,
    far_even - far_odd,
    g[2],
  );
}

// A^T m: from six products to four outputs.
fn output_line(m: array<Lane, 6>) -> array<Lane, 4> {
  let near_even = m[1] + m[2];
  let near_odd = m[1] - m[2];
  let far_even = m[3] + m[4];
  let far_odd = m[3] - m[4];
  return array<Lane, 4>(
    m[0] + near_even + far_even,
    NEAR * near_odd + FAR * far_odd,
    NEAR2 * near_even + FAR2 * far_even,
    NEAR3 * near_odd + FAR3 * far_odd + m[5],
  );
}

// A y, the adjoint of `output_line`.
fn cotangent_line(y: array<Lane, 4>) -> array<Lane, 6> {
  let near_even = y[0] + NEAR2 * y[2];
  let near_odd = NEAR * y[1] + NEAR3 * y[3];
  let far_even = y[0] + FAR2 * y[2];
  let far_odd = FAR * y[1] + FAR3 * y[3];
  return array<Lane, 6>(
    y[0],
    near_even + near_odd,
    near_even - near_odd,
    far_even + far_odd,
    far_even - far_odd,
    y[3],
  );
}

// G^T m, the adjoint of `filter_line`.
fn gradient_line(m: array<Lane, 6>) -> array<Lane, 3> {
  let near_even = AT_NEAR * (m[1] + m[2]);
  let near_odd = AT_NEAR * (m[1] - m[2]);
  let far_even = AT_FAR * (m[3] + m[4]);
  let far_odd = AT_FAR * (m[3] - m[4]);
  return array<Lane, 3>(
    AT_ZERO * m[0] + near_even + far_even,
    NEAR * near_odd + FAR * far_odd,
    NEAR2 * near_even + FAR2 * far_even + m[5],
  );
}
