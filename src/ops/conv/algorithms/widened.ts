// Convolutions in half precision on software adapters, which have no fast arithmetic for
// it: inputs are widened to f32, convolved by the algorithm that is the fastest there, and
// the result is narrowed. It is rounded once, as it is where a kernel sums in f32 itself.
// Weights do not change in an attack, so that they are widened once before its loop.

import type { Expansion } from "../../../graph/graph.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { castOp } from "../../cast.ts";
import { type ConvAlgorithm, softwareCost } from "../algorithm.ts";

/** Billions of operations per second on llvmpipe: those of `simd`, less conversions. */
const GFLOPS = 20;

/** Any convolution of `f16`, in f32. */
export const widened: ConvAlgorithm = {
  name: "widened",
  half: true,
  supports: ({ half, target }) =>
    half === true && target.adapterClass === "software",
  cost: ({ problem }) => softwareCost(problem, GFLOPS),
  expand: {
    "forward": widen,
    "input gradient": widen,
    "weight gradient": widen,
  },
};

/** The same operation on inputs in f32, its result as the operation's own. */
function widen(
  { inputs, outputs: [y], apply, again }: Expansion,
): readonly Tensor[] {
  const cast = (x: Tensor, dtype: "f32" | "f16"): Tensor =>
    x.dtype === dtype ? x : apply(castOp, [x], { dtype })[0]!;
  const [wide] = again(inputs.map((x) => cast(x, "f32")));
  return [cast(wide!, y!.dtype === "f16" ? "f16" : "f32")];
}
