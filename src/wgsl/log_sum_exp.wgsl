// The logarithm of a sum of exponentials, term by term in one pass:
// log(sum of exp(x)) = largest + log(1 + rest), where rest is the sum of
// exp(x - largest) over all terms but the largest. No exponential overflows.
//
// Keeping the 1 apart keeps what is far below it: where one logit is 30 above the
// others, rest is 1e-13, and 1 + rest is 1.
//
// uses: log_ratio

struct LogSumExp {
  largest: f32,
  rest: f32,
}

fn first_term(x: f32) -> LogSumExp {
  return LogSumExp(x, 0.0);
}

fn with_term(sum: LogSumExp, x: f32) -> LogSumExp {
  let ratio = exp(-abs(x - sum.largest));
  if (x > sum.largest) {
    return LogSumExp(x, (1.0 + sum.rest) * ratio);
  }
  return LogSumExp(sum.largest, sum.rest + ratio);
}

// The logarithm of exp(x) / sum, where x is one of the terms.
fn log_share(x: f32, sum: LogSumExp) -> f32 {
  return (x - sum.largest) - log_ratio(1.0 + sum.rest, 1.0, sum.rest);
}

// exp(x) / sum, where x is one of the terms.
fn share(x: f32, sum: LogSumExp) -> f32 {
  return exp(x - sum.largest) / (1.0 + sum.rest);
}
