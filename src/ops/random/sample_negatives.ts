// Images of other classes, drawn on the device: the negatives that contrastive
// losses push an example away from. Draws are independent, so that one image can
// come twice.

import { linearGrid } from "../../gpu/program.ts";
import { applyOne, type Op } from "../../graph/graph.ts";
import {
  formatType,
  sizeOf,
  type Tensor,
  type TensorType,
  type Variable,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import {
  addressArguments,
  addressInputs,
  addressReads,
  checkAddress,
  type RandomKey,
  type StreamParams,
} from "./random.ts";
import { checkLabels } from "../loss/rows.ts";

/** The images of a split, sorted by class. */
export interface ImagesByClass {
  /** All images, those of a class after one another: u32 (images). */
  readonly order: Variable;
  /** Where each class begins in the order, and where the last one ends: u32 (classes + 1). */
  readonly starts: Variable;
}

/** How many images are drawn for each example. */
export interface SampleNegativesParams extends StreamParams {
  readonly draws: number;
}

/** rows (N, draws). Inputs: labels, order, starts, step, [substep]. */
export const sampleNegativesOp: Op<SampleNegativesParams> = {
  name: "sample_negatives",

  infer(inputs, params) {
    const [labels, order, starts, ...address] = inputs;
    const { draws } = params;
    checkTables([labels!, order!, starts!], draws);
    checkAddress(address, params);
    return [{ dtype: "u32", shape: [labels!.shape[0]!, draws] }];
  },

  lower({ inputs, outputs: [rows] }, params) {
    const [labels, order, starts, ...address] = inputs;
    const { draws } = params;
    const size = sizeOf(rows!.shape);
    return [{
      label: `draw ${draws} others for each of ${labels!.shape[0]}`,
      kernel: kernel("sample_negatives"),
      reads: [labels!, order!, starts!, ...addressReads(address)],
      writes: [rows!],
      arguments: {
        size,
        draws,
        images: sizeOf(order!.shape),
        ...addressArguments(address, params),
      },
      workgroups: linearGrid(Math.ceil(size / 4), 64),
    }];
  },
};

function checkTables(
  tables: readonly [TensorType, TensorType, TensorType],
  draws: number,
): void {
  const [labels] = tables;
  checkLabels("draw others", { logits: labels, labels });
  const wrong = tables.find(({ dtype, shape }) =>
    dtype !== "u32" || shape.length !== 1
  );
  if (wrong) {
    throw new TypeError(
      `Cannot draw others: expected tables u32 (n) but found ${
        formatType(wrong)
      }`,
    );
  }
  if (!Number.isSafeInteger(draws) || draws < 1) {
    throw new RangeError(
      `Cannot draw others: expected a whole number of at least 1 but found ${draws}`,
    );
  }
}

/**
 * Images whose class is not the label, `draws` for each of N labels: u32 (N, draws),
 * each uniform over all such images (to 2^-32 of their number).
 *
 * @throws {RangeError} unless `draws` is a whole number of at least 1.
 */
export function sampleNegatives(
  labels: Tensor,
  { order, starts }: ImagesByClass,
  { draws, key }: { readonly draws: number; readonly key: RandomKey },
): Tensor {
  const { seed, stream } = key;
  const inputs = [labels, order, starts, ...addressInputs(key)];
  return applyOne(sampleNegativesOp, inputs, { draws, seed, stream });
}
