// Dropout (Srivastava et al., 2014): some numbers become zero and the others grow, so
// that their mean stays.

import { formatType, type Tensor } from "../graph/tensor.ts";
import { castLike } from "./cast.ts";
import { fill } from "./fill.ts";
import { less, mulScalar, multiply } from "./pointwise.ts";
import { type RandomKey, uniform } from "./random/random.ts";

/** What is dropped. */
export interface DropoutOptions {
  /** The probability with which a number becomes zero: from 0 up to, not including, 1. */
  readonly rate: number;
  /** The address of the draws: equal ones drop the same places. */
  readonly random: RandomKey;
}

/**
 * x with each number zero with probability `rate`, else over 1 - rate.
 *
 * @throws {RangeError} unless the rate is from 0 up to, not including, 1.
 */
export function dropout(x: Tensor, { rate, random }: DropoutOptions): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      `Cannot drop numbers of ${
        formatType(x)
      }: expected a rate from 0 up to, ` +
        `not including, 1 but found ${rate}`,
    );
  }
  if (rate === 0) return x;
  const kept = less(
    fill(x.graph, { shape: [], value: rate }),
    uniform(random, x.shape),
  );
  return multiply(x, castLike(mulScalar(kept, 1 / (1 - rate)), x));
}
