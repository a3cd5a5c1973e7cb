// Global average pooling, between a network's last activation and its linear head.

import type { Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { mean } from "./reduce.ts";

/** The mean over all pixels of x (N, H, W, C): (N, C). */
export function globalAveragePool(x: Operand): Tensor {
  return mean(x, { start: 1, end: 3 });
}
