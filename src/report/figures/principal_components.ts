// The two directions in which points spread most, by orthogonal iteration: the
// start of an embedding that does not depend on chance.

import type { Points } from "./neighbor_affinities.ts";

/** Iterations; the leading directions of features are found long before. */
const ITERATIONS = 200;

/** The points along their two principal components, (count, 2). */
export function principalComponents({ values, count }: Points): Float64Array {
  const dimensions = values.length / count;
  const centered = centeredRows(values, { count, dimensions });
  let directions: Float64Array[] = [0, 1].map((at) =>
    // Any start that is not orthogonal to what is sought.
    Float64Array.from({ length: dimensions }, (_, k) =>
      Math.cos((at + 1) * (k + 1)))
  );
  for (let turn = 0; turn < ITERATIONS; turn++) {
    directions = orthonormal(
      directions.map((direction) =>
        spread(projections(centered, { direction, count }), centered)
      ),
    );
  }
  const [first, second] = directions.map((direction) =>
    projections(centered, { direction, count })
  );
  return Float64Array.from(
    { length: 2 * count },
    (_, i) => (i % 2 === 0 ? first! : second!)[i >> 1]!,
  );
}

function centeredRows(
  values: Float32Array,
  { count, dimensions }: {
    readonly count: number;
    readonly dimensions: number;
  },
): Float64Array {
  const means = new Float64Array(dimensions);
  values.forEach((value, i) => means[i % dimensions]! += value / count);
  return Float64Array.from(
    values,
    (value, i) => value - means[i % dimensions]!,
  );
}

/** Each row's coordinate along a direction. */
function projections(
  rows: Float64Array,
  { direction, count }: {
    readonly direction: Float64Array;
    readonly count: number;
  },
): Float64Array {
  const { length } = direction;
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) {
      result[i]! += rows[i * length + k]! * direction[k]!;
    }
  }
  return result;
}

/** The rows summed up with these weights. */
function spread(weights: Float64Array, rows: Float64Array): Float64Array {
  const length = rows.length / weights.length;
  const result = new Float64Array(length);
  weights.forEach((weight, i) => {
    for (let k = 0; k < length; k++) {
      result[k]! += weight * rows[i * length + k]!;
    }
  });
  return result;
}

/** Orthonormalizes two directions by Gram and Schmidt's method; one of length 0 stays. */
function orthonormal([a, b]: Float64Array[]): Float64Array[] {
  const dot = (u: Float64Array, v: Float64Array): number =>
    u.reduce((sum, value, k) => sum + value * v[k]!, 0);
  const unit = (v: Float64Array): Float64Array => {
    const length = Math.sqrt(dot(v, v)) || 1;
    return v.map((value) => value / length);
  };
  const first = unit(a!);
  const along = dot(first, b!);
  return [first, unit(b!.map((value, k) => value - along * first[k]!))];
}
