// What Winograd's convolutions have in common: filters are transformed by an operation of
// their own, so that an attack's loop does not repeat it, and a convolution takes what
// that made. An input gradient is the same with rotated filters.

import type { Op } from "../../../graph/graph.ts";
import type { Shape } from "../../../graph/tensor.ts";
import type { ExpandPass } from "../algorithm.ts";
import type { Epilogue } from "../epilogue.ts";
import type { ConvProblem } from "../problem.ts";
import { winogradFiltersOp } from "./winograd_filters.ts";
import type { TileSide } from "./winograd_tiles.ts";

/** A convolution with transformed filters. */
export interface TransformedConvolution extends Epilogue {
  /** Rows and columns of zeros around the input. */
  readonly padding: number;
  readonly shape: Shape;
  /** Whether it is an input gradient: how it is called in a profile. */
  readonly transposed: boolean;
}

/** Whether filters are 3x3, with stride 1. */
export function areTransformable(
  { R, S, stride, padding }: ConvProblem,
): boolean {
  return R === 3 && S === 3 && stride === 1 && padding <= 2;
}

/**
 * The passes that are a convolution of x, or of dy, as transformed filters and an op that
 * takes x or dy, the filters, and what an epilogue adds.
 *
 * @param op The op, which a module may define below the algorithm that uses it.
 * @param options What else the op is told.
 */
export function passesByFilters<Options extends object>(
  op: () => Op<Options & TransformedConvolution>,
  { tile, options }: { readonly tile: TileSide; readonly options: Options },
): Readonly<Record<"forward" | "input gradient", ExpandPass>> {
  const pass =
    (transposed: boolean): ExpandPass =>
    ({ inputs: [x, w, ...added], outputs: [y], apply }, given) => {
      const { problem: { padding }, epilogue } = given;
      const [u] = apply(winogradFiltersOp, [w!], { tile, rotated: transposed });
      return apply(op(), [x!, u!, ...added], {
        ...options,
        ...epilogue,
        padding: transposed ? 2 - padding : padding,
        shape: y!.shape,
        transposed,
      });
    };
  return { "forward": pass(false), "input gradient": pass(true) };
}
