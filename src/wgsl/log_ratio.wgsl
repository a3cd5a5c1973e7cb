// log(a / b) from a, b and a - b, where the difference is known better than a and
// b themselves: close to 1, rounding a quotient loses most of its logarithm.
//
// log(a / b) = 2 atanh(t) with t = (a - b) / (a + b). Up to |t| = 0.2, five terms
// of the series leave out less than 1e-8 of the result.
fn log_ratio(a: f32, b: f32, difference: f32) -> f32 {
  let t = difference / (a + b);
  if (abs(t) > 0.2) {
    return log(a / b);
  }
  let s = t * t;
  let higher = s * (1.0 / 3.0 + s * (1.0 / 5.0 + s * (1.0 / 7.0 + s / 9.0)));
  return 2.0 * t * (1.0 + higher);
}
