// Matrix products, with either operand transposed: the linear layer and its
// gradients. They are small here (batch x features x classes); large ones are
// 1x1 convolutions.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../graph/graph.ts";
import {
  f32,
  formatType,
  type Tensor,
  type TensorType,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";
import { add } from "./pointwise.ts";

/** Which operands are transposed. */
export interface MatmulParams {
  /** Whether a is (K, M). */
  readonly transposeA: boolean;
  /** Whether b is (N, K). */
  readonly transposeB: boolean;
}

interface MatmulSizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

function sizesOf(
  a: TensorType,
  b: TensorType,
  params: MatmulParams,
): MatmulSizes {
  const [rows, columns] = a.shape as [number, number];
  const [M, K] = params.transposeA ? [columns, rows] : [rows, columns];
  const [bRows, bColumns] = b.shape as [number, number];
  const [inner, N] = params.transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== K) {
    throw new TypeError(
      `Cannot multiply matrices: expected equal inner sizes but found ${
        formatType(a)
      }${params.transposeA ? " transposed" : ""} and ${formatType(b)}${
        params.transposeB ? " transposed" : ""
      }`,
    );
  }
  return { M, N, K };
}

/** y = a b. */
export const matmulOp: Op<MatmulParams> = {
  name: "matmul",

  infer([a, b], params) {
    const { M, N } = sizesOf(a!, b!, params);
    return [f32([M, N])];
  },

  vjp({ inputs: [a, b] }, [dy], { transposeA, transposeB }) {
    const product = (
      left: Tensor,
      right: Tensor,
      [transposeA, transposeB]: [boolean, boolean],
    ) => applyOne(matmulOp, [left, right], { transposeA, transposeB });
    return [
      transposeA
        ? product(b!, dy!, [transposeB, true])
        : product(dy!, b!, [false, !transposeB]),
      transposeB
        ? product(dy!, a!, [true, transposeA])
        : product(a!, dy!, [!transposeA, false]),
    ];
  },

  lower({ inputs: [a, b], outputs: [y] }, params) {
    const { M, N, K } = sizesOf(a!, b!, params);
    return [{
      label: `matmul ${M}x${K}x${N}`,
      kernel: kernel("matmul"),
      reads: [a!, b!],
      writes: [y!],
      arguments: {
        M,
        N,
        K,
        a_row: params.transposeA ? 1 : K,
        a_column: params.transposeA ? M : 1,
        b_row: params.transposeB ? 1 : N,
        b_column: params.transposeB ? K : 1,
      },
      workgroups: linearGrid(M * N, 64),
      flops: 2 * M * N * K,
    }];
  },
};

/** The product of a (M, K) and b (K, N), each stored transposed if so said. */
export function matmul(
  a: Operand,
  b: Operand,
  { transposeA = false, transposeB = false }: Partial<MatmulParams> = {},
): Tensor {
  return applyOne(matmulOp, [a, b], { transposeA, transposeB });
}

/** x (N, in) times weight (in, out), plus bias (out): (N, out). */
export function linear(
  x: Operand,
  { weight, bias }: { readonly weight: Operand; readonly bias: Operand },
): Tensor {
  return add(matmul(x, weight), bias);
}
