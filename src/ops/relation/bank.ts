// Memory banks (Wu et al., 2018): a feature for every image of the training split,
// as old as the image's last visit, so that an example can be compared with
// thousands of others without a forward pass. The operations are products with chosen rows
// and the update of rows. No gradient reaches a bank.

import { linearGrid } from "../../gpu/program.ts";
import { apply, applyOne, type Op, type Operand } from "../../graph/graph.ts";
import {
  f32,
  formatType,
  sizeOf,
  type Tensor,
  type TensorType,
  type Variable,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { sum } from "../reduce/reduce.ts";

/** y[n, k] = anchors[n] · bank[rows[n, k]]. Inputs: bank, anchors, rows. */
export const bankScoresOp: Op = {
  name: "bank_scores",

  infer(inputs) {
    checkScored(inputs);
    return [f32(inputs[2]!.shape)];
  },

  vjp: ({ inputs: [bank, , rows] }, [dy]) => [
    null,
    sum(applyOne(bankScoresGradientOp, [dy!, bank!, rows!], undefined), {
      start: 1,
      end: 2,
    }),
    null,
  ],

  lower({ inputs, outputs: [y] }) {
    const [bank, anchors] = inputs;
    const columns = bank!.shape[1]!;
    const size = sizeOf(y!.shape);
    return [{
      label: `bank scores (${y!.shape.join(", ")})`,
      kernel: kernel("bank_scores"),
      reads: inputs,
      writes: [y!],
      arguments: { size, draws: size / anchors!.shape[0]!, columns },
      workgroups: linearGrid(size, 64),
      flops: 2 * columns * size,
    }];
  },
};

/** Most products that one invocation of the derivative adds. */
const PART = 1024;

/** (N, parts, D) that add up to the anchors' gradient. Inputs: dy, bank, rows. */
export const bankScoresGradientOp: Op = {
  name: "bank_scores_gradient",

  infer([dy, bank]) {
    const [anchors, draws = 1] = dy!.shape;
    return [f32([anchors!, Math.ceil(draws / PART), bank!.shape[1]!])];
  },

  lower({ inputs, outputs: [y] }) {
    const [dy] = inputs;
    const [anchors, parts, columns] = y!.shape as [number, number, number];
    const size = sizeOf(y!.shape);
    return [{
      label: `bank scores gradient (${y!.shape.join(", ")})`,
      kernel: kernel("bank_scores_gradient"),
      reads: inputs,
      writes: [y!],
      arguments: {
        size,
        draws: sizeOf(dy!.shape) / anchors,
        columns,
        parts,
        part: PART,
      },
      workgroups: linearGrid(size, 64),
      flops: 2 * sizeOf(dy!.shape) * columns,
    }];
  },
};

/** How slowly a bank follows. */
export interface UpdateBankParams {
  readonly momentum: number;
}

/** Moves rows of the bank towards values. Inputs: bank, rows, values. */
export const updateBankOp: Op<UpdateBankParams> = {
  name: "update_bank",
  updates: [0],

  infer([bank, rows, values]) {
    checkScored([bank!, values!, rows!]);
    return [];
  },

  lower({ inputs: [bank, rows, values] }, { momentum }) {
    const [count, columns] = values!.shape as [number, number];
    return [{
      label: `update bank (${count}, ${columns})`,
      kernel: kernel("update_bank"),
      reads: [rows!, values!],
      writes: [bank!],
      arguments: { rows: count, columns, momentum, epsilon: 1e-7 },
      workgroups: linearGrid(count, 64),
    }];
  },
};

function checkScored(
  [bank, anchors, rows]: readonly TensorType[],
): void {
  const [, columns] = bank!.shape;
  const fits = bank!.dtype === "f32" && anchors!.dtype === "f32" &&
    rows!.dtype === "u32" && bank!.shape.length === 2 &&
    anchors!.shape.length === 2 && anchors!.shape[1] === columns &&
    rows!.shape.length <= 2 && rows!.shape[0] === anchors!.shape[0];
  if (!fits) {
    throw new TypeError(
      `Cannot use a bank: expected a bank f32 (M, D), features f32 (N, D) and ` +
        `rows u32 (N) or (N, K) but found ${
          [bank!, anchors!, rows!].map(formatType).join(", ")
        }`,
    );
  }
}

/**
 * The products of features `anchors` (N, D) with rows of a bank (M, D), those that
 * `rows` names: u32 (N, K), or (N) for one each. No gradient reaches the bank.
 *
 * @returns One number for each row named, in the shape of `rows`.
 */
export function bankScores(
  bank: Operand,
  { anchors, rows }: { readonly anchors: Tensor; readonly rows: Operand },
): Tensor {
  return applyOne(bankScoresOp, [bank, anchors, rows], undefined);
}

/**
 * Moves rows of a bank towards values, as directions: with r = momentum · row +
 * (1 - momentum) · value, the row becomes r / |r|. Of equal rows the last counts.
 */
export function updateBank(
  bank: Variable,
  { rows, values, momentum }: UpdateBankParams & {
    /** u32 (N). */
    readonly rows: Tensor;
    /** (N, D). */
    readonly values: Tensor;
  },
): void {
  apply(updateBankOp, [bank, rows, values], { momentum });
}
