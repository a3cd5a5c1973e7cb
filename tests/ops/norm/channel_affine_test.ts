import { channelAffine } from "../../../src/ops/norm/channel_affine.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import type { OpCase } from "../../support/check_op.ts";

const flags = [[false, false], [true, false], [false, true], [true, true]];

checkWithDerivative(
  "channelAffine()",
  [[2, 3, 3, 3], [3, 4, 5, 16]].flatMap((shape) =>
    flags.map(([relu, residual]): OpCase => ({
      name: `(${shape})${relu ? " relu" : ""}${residual ? " residual" : ""}`,
      inputs: [
        { shape },
        { shape: [shape.at(-1)!], low: 0.5, high: 1.5 },
        { shape: [shape.at(-1)!] },
        ...(residual ? [{ shape }] : []),
      ],
      build: ([x, scale, shift, added]) => [
        channelAffine(x!, {
          scale: scale!,
          shift: shift!,
          relu: relu!,
          residual: added,
        }),
      ],
    }))
  ),
);
