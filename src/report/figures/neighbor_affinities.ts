// Which points are neighbors, as t-SNE sees it (van der Maaten & Hinton, 2008):
//
//   p(j | i) ~ exp(-beta_i |x_i - x_j|^2),   P_ij = (p(j | i) + p(i | j)) / 2n
//
// with beta_i such that the entropy of p(. | i) is the logarithm of the perplexity,
// found by bisection in double precision.

/** Points as rows of one array. */
export interface Points {
  /** (count, dimensions), row by row. */
  readonly values: Float32Array;
  readonly count: number;
}

/** Bisections of beta; as many as scikit-learn does at most. */
const BISECTIONS = 100;

const TOLERANCE = 1e-5;

/**
 * The symmetric affinities P of points, (count, count), 0 on the diagonal.
 *
 * @throws {RangeError} unless there are more points than the perplexity.
 */
export function neighborAffinities(
  points: Points,
  { perplexity }: { readonly perplexity: number },
): Float64Array {
  const { count } = points;
  if (!(perplexity >= 1 && perplexity < count)) {
    throw new RangeError(
      `Cannot find neighbors: expected a perplexity from 1 to below the ` +
        `${count} points but found ${perplexity}`,
    );
  }
  const distances = squaredDistances(points);
  const conditional = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const row = distances.subarray(i * count, (i + 1) * count);
    conditional.set(conditionalOf(row, { self: i, perplexity }), i * count);
  }
  return conditional.map((p, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    return (p + conditional[j * count + i]!) / (2 * count);
  });
}

/** |x_i - x_j|^2 for all pairs, (count, count). */
export function squaredDistances({ values, count }: Points): Float64Array {
  const dimensions = values.length / count;
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dimensions; k++) {
        const d = values[i * dimensions + k]! - values[j * dimensions + k]!;
        sum += d * d;
      }
      distances[i * count + j] = distances[j * count + i] = sum;
    }
  }
  return distances;
}

/** p(. | i), from the squared distances to i. */
function conditionalOf(
  distances: Float64Array,
  { self, perplexity }: { readonly self: number; readonly perplexity: number },
): Float64Array {
  const wanted = Math.log(perplexity);
  // Only differences matter, and this keeps the exponentials from all being 0.
  const nearest = distances.reduce(
    (least, d, j) => j === self ? least : Math.min(least, d),
    Infinity,
  );
  const p = new Float64Array(distances.length);
  let [low, high, beta] = [0, Infinity, 1];
  for (let turn = 0; turn < BISECTIONS; turn++) {
    let [sum, weighted] = [0, 0];
    distances.forEach((d, j) => {
      p[j] = j === self ? 0 : Math.exp(-beta * (d - nearest));
      sum += p[j]!;
      weighted += p[j]! * (d - nearest);
    });
    p.forEach((value, j) => p[j] = value / sum);
    const excess = Math.log(sum) + beta * weighted / sum - wanted;
    if (Math.abs(excess) <= TOLERANCE) break;
    if (excess > 0) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
  return p;
}
