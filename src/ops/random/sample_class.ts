// Draws from categorical distributions, one per row, by inverting the sum of the
// probabilities. The uniform numbers are an input, so that a draw is as reproducible
// as they are. It has no derivative; methods estimate one, as REINFORCE does.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { formatType, type Tensor } from "../../graph/tensor.ts";
import { byRow, checkLogits } from "../loss/rows.ts";

/** Inputs log-probabilities (N, C) and u (N); output classes, u32 (N). */
export const sampleClassOp: Op = {
  name: "sample_class",

  infer([logProbabilities, u]) {
    checkLogits("sample a class", logProbabilities!);
    const [rows] = logProbabilities!.shape;
    const fits = u!.dtype === "f32" && u!.shape.length === 1 &&
      u!.shape[0] === rows;
    if (!fits) {
      throw new TypeError(
        `Cannot sample a class: expected f32 (${rows}) but found ${
          formatType(u!)
        }`,
      );
    }
    return [{ dtype: "u32", shape: [rows!] }];
  },

  lower: byRow("sample_class"),
};

/**
 * A class for each row, drawn with its probability.
 *
 * @param logProbabilities Log-probabilities by class, (N, C).
 * @param u Uniform numbers in [0, 1), (N).
 * @returns Classes, u32 (N).
 */
export function sampleClass(logProbabilities: Operand, u: Operand): Tensor {
  return applyOne(sampleClassOp, [logProbabilities, u], undefined);
}
