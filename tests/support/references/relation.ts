// The relation-preserving loss on float64, from the distances of eq. 5 on, where
// the operations work with similarities and affinities.

import type { RelationProbabilityParams } from "../../../src/ops/relation/relation.ts";
import type { RelationConditionalParams } from "../../../src/ops/relation/conditional.ts";
import type { Reference, Value } from "../reference.ts";

/** Added to norms and probabilities. */
const EPSILON = 1e-7;

/** A matrix of the given sizes. */
function matrix(
  rows: number,
  columns: number,
  value: (i: number, j: number) => number,
): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, k) => value(Math.floor(k / columns), k % columns),
  );
}

/** Reads a matrix by row and column. */
function reader({ shape, data }: Value): (i: number, j: number) => number {
  return (i, j) => data[i * shape[1]! + j]!;
}

function total(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum;
}

function normOf(rows: Value, i: number): number {
  const at = reader(rows);
  return Math.sqrt(total(rows.shape[1]!, (d) => at(i, d) ** 2));
}

/** For each column j, the first row other than j that holds its largest value. */
function nearestNeighbors(closeness: Value): number[] {
  const at = reader(closeness);
  return Array.from({ length: closeness.shape[0]! }, (_, j) => {
    let nearest = j === 0 ? 1 : 0;
    for (let i = 0; i < closeness.shape[0]!; i++) {
      if (i !== j && at(i, j) > at(nearest, j)) nearest = i;
    }
    return nearest;
  });
}

/** Affinities from distances, and what they are divided by. */
function conditionals(
  [s, m]: readonly [Value, Value],
  self: RelationConditionalParams["self"],
) {
  const rows = s.shape[0]!;
  const distance = (i: number, j: number) => i === j ? 0 : 1 - reader(s)(i, j);
  const rho = (j: number) => 1 - m.data[j]!;
  const affinity = (i: number, j: number) => {
    if (i !== j || self === "printed") return 2 - (distance(i, j) - rho(j));
    return self === "zero" ? 2 : 0;
  };
  const z = (j: number) =>
    total(
      rows,
      (k) => k === j && self === "printed" ? 0 : affinity(k, j),
    );
  return { z, affinity };
}

export const relation: Readonly<Record<string, Reference>> = {
  relation_unit([f]) {
    const [rows, columns] = f!.shape as [number, number];
    const at = reader(f!);
    return [
      matrix(rows, columns, (n, d) => at(n, d) / (normOf(f!, n) + EPSILON)),
    ];
  },

  relation_unit_gradient([du, f]) {
    const [rows, columns] = f!.shape as [number, number];
    const [at, slope] = [reader(f!), reader(du!)];
    return [matrix(rows, columns, (n, d) => {
      const norm = normOf(f!, n);
      const product = total(columns, (k) => at(n, k) * slope(n, k));
      const normSlope = norm > 0 ? at(n, d) / norm : 0;
      return slope(n, d) / (norm + EPSILON) -
        product * normSlope / (norm + EPSILON) ** 2;
    })];
  },

  relation_similarity([u]) {
    const [rows, columns] = u!.shape as [number, number];
    const at = reader(u!);
    return [
      matrix(rows, rows, (i, j) => total(columns, (d) => at(i, d) * at(j, d))),
    ];
  },

  relation_similarity_gradient([ds, u]) {
    const [rows, columns] = u!.shape as [number, number];
    const [at, slope] = [reader(u!), reader(ds!)];
    return [
      matrix(
        rows,
        columns,
        (i, d) =>
          total(rows, (j) => slope(i, j) * at(j, d)) +
          total(rows, (j) => slope(j, i) * at(j, d)),
      ),
    ];
  },

  relation_probability([s], { self }: RelationProbabilityParams) {
    const rows = s!.shape[0]!;
    const distance = (i: number, j: number) => 1 - reader(s!)(i, j);
    const rho = nearestNeighbors(s!).map(distance);
    const affinity = (i: number, j: number) => {
      if (i === j) return self === "zero" ? 2 : 0;
      return 2 - (distance(i, j) - rho[j]!);
    };
    return [matrix(
      rows,
      rows,
      (i, j) => affinity(i, j) / total(rows, (k) => affinity(k, j)),
    )];
  },

  relation_probability_gradient([dp, p]) {
    const rows = p!.shape[0]!;
    const [at, slope] = [reader(p!), reader(dp!)];
    const nearest = nearestNeighbors(p!);
    const ownSlope = (i: number, j: number) => {
      if (i === j) return 0;
      const mean = total(rows, (k) => slope(k, j) * at(k, j));
      return (slope(i, j) - mean) * at(nearest[j]!, j) / 2;
    };
    return [matrix(rows, rows, (i, j) => {
      if (i !== nearest[j]) return ownSlope(i, j);
      return ownSlope(i, j) - total(rows, (k) => ownSlope(k, j));
    })];
  },

  relation_nearest([s]) {
    const at = reader(s!);
    return [Float64Array.from(nearestNeighbors(s!), (i, j) => at(i, j))];
  },

  relation_nearest_gradient([dm, s]) {
    const rows = s!.shape[0]!;
    const nearest = nearestNeighbors(s!);
    return [
      matrix(rows, rows, (i, j) => i === nearest[j] ? dm!.data[j]! : 0),
    ];
  },

  relation_conditional([s, m], { self }: RelationConditionalParams) {
    const rows = s!.shape[0]!;
    const { z, affinity } = conditionals([s!, m!], self);
    return [matrix(rows, rows, (i, j) => affinity(i, j) / z(j))];
  },

  // By the quotient rule for every pair of cells.
  relation_conditional_gradient(
    [dp, , s, m],
    { self }: RelationConditionalParams,
  ) {
    const rows = s!.shape[0]!;
    const slope = reader(dp!);
    const { z, affinity } = conditionals([s!, m!], self);
    const zSlope = (j: number) =>
      -total(rows, (i) => slope(i, j) * affinity(i, j)) / z(j) ** 2;
    const cell = (i: number, j: number) => slope(i, j) / z(j) + zSlope(j);
    return [
      matrix(rows, rows, (i, j) => i === j ? 0 : cell(i, j)),
      Float64Array.from({ length: rows }, (_, j) => {
        const others = total(rows, (i) => i === j ? 0 : cell(i, j));
        return -others - (self === "printed" ? slope(j, j) / z(j) : 0);
      }),
    ];
  },

  relation_divergence([p, q]) {
    const part = (a: number, b: number) =>
      a * Math.log((a + EPSILON) / (b + EPSILON));
    return [
      p!.data.map((pi, i) =>
        part(pi, q!.data[i]!) + part(1 - pi, 1 - q!.data[i]!)
      ),
    ];
  },

  relation_divergence_gradient([dy, p, q]) {
    const part = (a: number, b: number) => -a / (b + EPSILON);
    return [
      dy!.data.map((dyi, i) => {
        const [pi, qi] = [p!.data[i]!, q!.data[i]!];
        return dyi * (part(pi, qi) - part(1 - pi, 1 - qi));
      }),
    ];
  },
};
