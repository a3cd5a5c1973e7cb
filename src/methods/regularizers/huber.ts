// The Huber loss, by which relational distillation compares numbers.

import type { Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import {
  abs,
  clamp,
  mulScalar,
  multiply,
  subtract,
} from "../../ops/pointwise.ts";

/**
 * The Huber loss of errors, element by element and at least 0: e² / 2 up to a size
 * of 1, |e| - 1/2 beyond.
 */
export function huber(error: Operand): Tensor {
  const size = abs(error);
  // m (|e| - m / 2) with m = min(|e|, 1) is both.
  const limited = clamp(size, { low: 0, high: 1 });
  return multiply(limited, subtract(size, mulScalar(limited, 0.5)));
}
