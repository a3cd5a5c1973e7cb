// Memory banks and draws of other classes' images on float64. A draw names the
// k-th image that is left when the own class's are taken out.

import type { SampleNegativesParams } from "../../../src/ops/random/sample_negatives.ts";
import type { UpdateBankParams } from "../../../src/ops/relation/bank.ts";
import { multiplyHigh } from "../../../src/base/philox.ts";
import * as sequence from "../../../src/base/random_sequence.ts";
import type { Reference, Value } from "../reference.ts";

/** Row n of a matrix. */
function row({ shape, data }: Value, n: number): Float64Array {
  const columns = shape[1]!;
  return data.subarray(n * columns, (n + 1) * columns);
}

export const bank: Readonly<Record<string, Reference>> = {
  sample_negatives(
    [labels, order, starts, step, substep],
    params: SampleNegativesParams,
  ) {
    const { seed, stream, draws } = params;
    const address = {
      seed,
      stream,
      step: step!.data[0]!,
      substep: substep?.data[0] ?? 0,
    };
    const words = sequence.words(address, labels!.data.length * draws);
    const rows = [...labels!.data].flatMap((label, n) => {
      const [first, end] = [starts!.data[label]!, starts!.data[label + 1]!];
      const others = order!.data.filter((_, i) => i < first || i >= end);
      return Array.from(
        { length: draws },
        (_, k) => others[multiplyHigh(words[n * draws + k]!, others.length)]!,
      );
    });
    return [Float64Array.from(rows)];
  },

  bank_scores([bank, anchors, rows]) {
    const draws = rows!.data.length / anchors!.shape[0]!;
    return [rows!.data.map((chosen, i) => {
      const anchor = row(anchors!, Math.floor(i / draws));
      return row(bank!, chosen).reduce((sum, b, d) => sum + b * anchor[d]!, 0);
    })];
  },

  bank_scores_gradient([dy, bank, rows], _, [shape]) {
    const [anchors, parts, columns] = shape as [number, number, number];
    const draws = dy!.data.length / anchors;
    const out = new Float64Array(anchors * parts * columns);
    dy!.data.forEach((slope, i) => {
      // In one part each: only the sum of all parts has a meaning.
      const part = Math.floor((i % draws) / 1024);
      const first = (Math.floor(i / draws) * parts + part) * columns;
      row(bank!, rows!.data[i]!).forEach((b, d) =>
        out[first + d]! += slope * b
      );
    });
    return [out];
  },

  update_bank([bank, rows, values], { momentum }: UpdateBankParams) {
    const moved = new Map<number, Float64Array>();
    rows!.data.forEach((chosen, n) => {
      const value = row(values!, n);
      const r = row(bank!, chosen).map((b, d) =>
        momentum * b + (1 - momentum) * value[d]!
      );
      moved.set(chosen, r.map((x) => x / (Math.hypot(...r) + 1e-7)));
    });
    for (const [chosen, r] of moved) row(bank!, chosen).set(r);
    return [];
  },
};
