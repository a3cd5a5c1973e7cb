// Conversion between f32 and f16. Images and weights are narrowed when they enter a
// network. A conversion of a value that does not change in an attack's loop is moved
// before it, like any other operation.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../graph/graph.ts";
import {
  formatType,
  type Precision,
  sizeOf,
  type Tensor,
  Variable,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";
import { vectorsOf } from "./vectors.ts";

/** The type of the result. */
export interface CastParams {
  readonly dtype: Precision;
}

/** x as another floating-point type, rounded to nearest where it is narrower. */
export const castOp: Op<CastParams> = {
  name: "cast",
  half: true,

  infer([x], { dtype }) {
    if (x!.dtype === "u32") {
      throw new TypeError(
        `Cannot cast to ${dtype}: expected f32 or f16 but found ${
          formatType(x!)
        }`,
      );
    }
    return [{ dtype, shape: x!.shape }];
  },

  // The cotangent of a narrow copy may be wide already.
  vjp: ({ inputs: [x] }, [dy]) => [castLike(dy!, x!)],

  lower({ inputs: [x], outputs: [y] }) {
    const size = sizeOf(y!.shape);
    const from = vectorsOf(x!, size), to = vectorsOf(y!, size);
    return [{
      label: `cast to ${y!.dtype} (${y!.shape.join(", ")})`,
      kernel: kernel("cast", {
        constants: { From: from.stored, To: to.stored },
      }),
      reads: [x!],
      writes: [y!],
      arguments: { size: size / to.width },
      workgroups: linearGrid(Math.ceil(size / to.width / 4), 64),
    }];
  },
};

/**
 * x in another precision: itself where it has that already, and `f16` rounded to 11
 * binary digits, from 6e-8 to 65,504.
 */
export function cast(x: Operand, dtype: "f32" | "f16"): Tensor {
  const same = !(x instanceof Variable) && x.dtype === dtype;
  return same ? x : applyOne(castOp, [x], { dtype });
}

/** x in the precision of another value of its graph. */
export function castLike(x: Operand, { graph, dtype }: Tensor): Tensor {
  const value = x instanceof Variable ? graph.read(x) : x;
  return dtype === "u32" ? value : cast(value, dtype);
}
