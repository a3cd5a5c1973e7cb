// Losses of rows of logits on float64, one row at a time, as in their equations.

import type { Shape } from "../../../src/graph/tensor.ts";
import type { RankParams } from "../../../src/ops/loss/ranked_class.ts";
import type { Reference, Value } from "../reference.ts";

/** The rows of a matrix, as arrays. */
function rowsOf({ shape, data }: Value): Float64Array[] {
  const [rows, columns] = shape as [number, number];
  return Array.from(
    { length: rows },
    (_, n) => data.subarray(n * columns, (n + 1) * columns),
  );
}

/** A value for each row. */
function byRow(rows: number, value: (n: number) => number): Float64Array[] {
  return [Float64Array.from({ length: rows }, (_, n) => value(n))];
}

/** A value for each element of a matrix. */
function byElement(
  shape: Shape | undefined,
  value: (n: number, c: number) => number,
): Float64Array[] {
  const [rows, columns] = shape as [number, number];
  return [
    Float64Array.from(
      { length: rows * columns },
      (_, i) => value(Math.floor(i / columns), i % columns),
    ),
  ];
}

/**
 * The probability of each class and its logarithm. The sum leaves the largest term
 * out, since beside it the others can be lost even in float64.
 */
function distribution(logits: Float64Array): { p: number[]; logP: number[] } {
  const top = argmax(logits);
  const shifted = Array.from(logits, (z) => z - logits[top]!);
  const rest = shifted.reduce((s, z, c) => c === top ? s : s + Math.exp(z), 0);
  const logP = shifted.map((z) => z - Math.log1p(rest));
  return { p: logP.map(Math.exp), logP };
}

/** The first index of the largest element, apart from `skipped`. */
function argmax(values: Float64Array, skipped?: number): number {
  let best = skipped === 0 ? 1 : 0;
  values.forEach((value, c) => {
    if (c !== skipped && value > values[best]!) best = c;
  });
  return best;
}

function divergence(target: Float64Array, prediction: Float64Array): number {
  const { p, logP } = distribution(target);
  const { logP: logQ } = distribution(prediction);
  return p.reduce((s, pc, c) => s + pc * (logP[c]! - logQ[c]!), 0);
}

const isLabel = (labels: Value, n: number, c: number) =>
  c === labels.data[n] ? 1 : 0;

export const losses: Readonly<Record<string, Reference>> = {
  log_softmax([x]) {
    const logP = rowsOf(x!).map((row) => distribution(row).logP);
    return byElement(x!.shape, (n, c) => logP[n]![c]!);
  },

  log_softmax_gradient([dy, y]) {
    const sums = rowsOf(dy!).map((row) => row.reduce((a, b) => a + b));
    const [slopes, values] = [rowsOf(dy!), rowsOf(y!)];
    return byElement(
      y!.shape,
      (n, c) => slopes[n]![c]! - Math.exp(values[n]![c]!) * sums[n]!,
    );
  },

  gather_class([x, labels]) {
    const rows = rowsOf(x!);
    return byRow(rows.length, (n) => rows[n]![labels!.data[n]!]!);
  },

  gather_class_gradient([dy, labels], _, [shape]) {
    return byElement(shape, (n, c) => dy!.data[n]! * isLabel(labels!, n, c));
  },

  cross_entropy([logits, labels]) {
    const rows = rowsOf(logits!);
    return byRow(
      rows.length,
      (n) => -distribution(rows[n]!).logP[labels!.data[n]!]!,
    );
  },

  cross_entropy_gradient([dloss, logits, labels]) {
    const p = rowsOf(logits!).map((row) => distribution(row).p);
    const others = p.map((row, n) =>
      row.reduce((s, pc, c) => isLabel(labels!, n, c) ? s : s + pc, 0)
    );
    return byElement(
      logits!.shape,
      (n, c) =>
        dloss!.data[n]! * (isLabel(labels!, n, c) ? -others[n]! : p[n]![c]!),
    );
  },

  kl_divergence([target, prediction]) {
    const [p, q] = [rowsOf(target!), rowsOf(prediction!)];
    return byRow(p.length, (n) => divergence(p[n]!, q[n]!));
  },

  kl_divergence_target_gradient([dloss, , target, prediction]) {
    const [targets, predictions] = [rowsOf(target!), rowsOf(prediction!)];
    const p = targets.map(distribution);
    const q = predictions.map(distribution);
    const means = targets.map((row, n) => divergence(row, predictions[n]!));
    return byElement(target!.shape, (n, c) => {
      const excess = p[n]!.logP[c]! - q[n]!.logP[c]! - means[n]!;
      return dloss!.data[n]! * p[n]!.p[c]! * excess;
    });
  },

  kl_divergence_prediction_gradient([dloss, target, prediction]) {
    const p = rowsOf(target!).map(distribution);
    const q = rowsOf(prediction!).map(distribution);
    return byElement(
      target!.shape,
      (n, c) => dloss!.data[n]! * (q[n]!.p[c]! - p[n]!.p[c]!),
    );
  },

  margin([logits, labels]) {
    const rows = rowsOf(logits!);
    return byRow(rows.length, (n) => {
      const [row, label] = [rows[n]!, labels!.data[n]!];
      return row[argmax(row, label)]! - row[label]!;
    });
  },

  margin_gradient([dmargin, logits, labels]) {
    const other = rowsOf(logits!).map((row, n) => argmax(row, labels!.data[n]));
    return byElement(
      logits!.shape,
      (n, c) =>
        dmargin!.data[n]! * ((c === other[n] ? 1 : 0) - isLabel(labels!, n, c)),
    );
  },

  correct([logits, labels]) {
    const rows = rowsOf(logits!);
    return byRow(
      rows.length,
      (n) =>
        rows[n]!.some(Number.isNaN) ? 0 : isLabel(labels!, n, argmax(rows[n]!)),
    );
  },

  sample_class([logProbabilities, u]) {
    const rows = rowsOf(logProbabilities!);
    return byRow(rows.length, (n) => {
      let sum = 0;
      const passed = rows[n]!.filter((x) =>
        (sum += Math.exp(x)) <= u!.data[n]!
      );
      return Math.min(passed.length, rows[n]!.length - 1);
    });
  },

  ranked_class([logits, labels], { rank }: RankParams) {
    return byRow(logits!.shape[0]!, (n) => {
      const row = rowsOf(logits!)[n]!;
      const order = Array.from(row.keys())
        .filter((c) => c !== labels?.data[n])
        .sort((a, b) => row[b]! - row[a]! || a - b);
      return order[rank - 1]!;
    });
  },
};
