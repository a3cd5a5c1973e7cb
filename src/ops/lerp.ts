// Moves a variable towards another by a scalar weight, over flat buffers as `sgd`: the update
// of averages of weights, which PyTorch computes by `lerp_`.

import { type Dispatch, linearGrid } from "../gpu/program.ts";
import { apply, type Op, type Storage } from "../graph/graph.ts";
import {
  formatType,
  sizeOf,
  type Tensor,
  type Variable,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";
import { bindablePieces, partOf } from "./pieces.ts";

/** Inputs: average, newest, weight. */
export const lerpOp: Op = {
  name: "lerp",
  updates: [0],

  infer(inputs) {
    const [average, newest, weight] = inputs.map(({ shape }) => sizeOf(shape));
    const single = inputs.every(({ dtype }) => dtype === "f32");
    if (single && average === newest && weight === 1) return [];
    throw new TypeError(
      "Cannot average: expected values of one size and a scalar weight, all " +
        `f32, but found ${inputs.map(formatType).join(", ")}`,
    );
  },

  lower({ inputs }) {
    const [average, newest, weight] = inputs;
    const pieces = bindablePieces(sizeOf(average!.shape), { bytes: 4 });
    return pieces.map((piece): Dispatch<Storage> => {
      const part = (flat: Tensor) =>
        pieces.length === 1 ? flat : partOf(flat, piece);
      const wide = piece.count % 4 === 0;
      const size = wide ? piece.count / 4 : piece.count;
      return {
        label: `lerp ${piece.count}`,
        kernel: kernel("lerp", {
          constants: { Element: wide ? "vec4f" : "f32" },
        }),
        reads: [part(newest!), weight!],
        writes: [part(average!)],
        arguments: { size },
        workgroups: linearGrid(size, 64),
      };
    });
  },
};

/**
 * average := average + weight (newest - average); exactly `newest` for a weight of 1, and
 * unchanged for 0.
 *
 * @param weight A scalar from 0 to 1.
 * @throws {TypeError} if the variables differ in size.
 */
export function lerp(
  average: Variable,
  { newest, weight }: { readonly newest: Variable; readonly weight: Tensor },
): void {
  apply(lerpOp, [average, newest, weight], undefined);
}
