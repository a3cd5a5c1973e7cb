// Whether two samples of whole numbers come from one distribution: exact permutation
// tests. If they do, every way to split the pooled numbers into two samples of these
// sizes is equally likely, and the p-value is the fraction of splits that are at least
// as far apart as the samples found. Nothing is assumed about the distribution, and
// equal numbers, of which counts have many, are no approximation here.

import { uniform } from "../../src/base/random_sequence.ts";

/** The p-value for the distance of the means. Numbers are whole and not below 0. */
export function meanTest(a: readonly number[], b: readonly number[]): number {
  const pooled = [...a, ...b];
  const total = sum(pooled);
  // ways[k][s]: choices of k numbers so far whose sum is s.
  const ways = Array.from(
    { length: a.length + 1 },
    () => new Float64Array(total + 1),
  );
  ways[0]![0] = 1;
  for (const value of pooled) {
    for (let k = a.length; k >= 1; k--) {
      for (let s = total; s >= value; s--) {
        ways[k]![s]! += ways[k - 1]![s - value]!;
      }
    }
  }
  const expected = total * a.length / pooled.length;
  const least = Math.abs(sum(a) - expected) - 1e-9;
  const all = ways[a.length]!;
  const far = all.filter((_, s) => Math.abs(s - expected) >= least);
  return sum(far) / sum(all);
}

/** Kolmogorov and Smirnov's test: the largest distance of the distributions, and its p. */
export function smirnovTest(
  a: readonly number[],
  b: readonly number[],
): { readonly distance: number; readonly p: number } {
  const values = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const upTo = (sample: readonly number[], value: number) =>
    sample.filter((one) => one <= value).length;
  const steps = values.map((value) => upTo(a, value) + upTo(b, value));
  const apart = (inA: number, inB: number) =>
    Math.abs(inA / a.length - inB / b.length);
  const distance = Math.max(
    ...values.map((value) => apart(upTo(a, value), upTo(b, value))),
  );
  // near[i]: splits of the numbers so far, i of them in the first sample, that were
  // nowhere as far apart. Only whole groups of equal numbers are looked at.
  let near = [1];
  for (let taken = 1; taken <= a.length + b.length; taken++) {
    near = Array.from({ length: Math.min(taken, a.length) + 1 }, (_, i) => {
      const j = taken - i;
      if (j > b.length) return 0;
      const far = steps.includes(taken) && apart(i, j) >= distance - 1e-9;
      return far ? 0 : (near[i] ?? 0) + (near[i - 1] ?? 0);
    });
  }
  return { distance, p: 1 - near[a.length]! / choose(a.length, b.length) };
}

/**
 * The p-value for the distance by column: the sum over columns of the squared difference
 * of how many rows have it, over 9,999 random splits of the rows and the one found. It
 * sees where two programs break equally many images, but others.
 */
export function columnsTest(
  a: readonly (readonly boolean[])[],
  b: readonly (readonly boolean[])[],
): number {
  const rows = [...a, ...b];
  const columns = rows[0]?.length ?? 0;
  const distance = (order: readonly number[]) => {
    const difference = new Int32Array(columns);
    order.forEach((row, place) => {
      const sign = place < a.length ? b.length : -a.length;
      rows[row]!.forEach((is, column) => difference[column]! += is ? sign : 0);
    });
    return sum(difference.map((d) => d * d));
  };
  const found = distance(rows.map((_, row) => row));
  const splits = 9999;
  let far = 1;
  for (let split = 0; split < splits; split++) {
    const address = { seed: 0, stream: "splits", step: split };
    const draws = uniform(address, rows.length);
    const order = rows.map((_, row) => row).sort((i, j) =>
      draws[i]! - draws[j]!
    );
    if (distance(order) >= found) far++;
  }
  return far / (splits + 1);
}

/** How many ways there are to choose n of n + m. */
function choose(n: number, m: number): number {
  let ways = 1;
  for (let i = 1; i <= n; i++) ways = ways * (m + i) / i;
  return Math.round(ways);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
