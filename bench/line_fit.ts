// The straight line that lies nearest to measured times, relative to each of them: what
// work costs however small it is, and what each unit of it adds.

/** A line y = fixed + slope x. */
export interface Line {
  readonly fixed: number;
  readonly slope: number;
  /** The largest distance of a point from the line, as a share of the point's y. */
  readonly deviation: number;
}

/** The line of the least squares of (line(x) - y) / y, through two points or more. */
export function lineThrough(
  points: readonly { readonly x: number; readonly y: number }[],
): Line {
  let weight = 0, meanX = 0, meanY = 0;
  for (const { x, y } of points) {
    weight += 1 / y ** 2;
    meanX += x / y ** 2;
    meanY += 1 / y;
  }
  meanX /= weight;
  meanY /= weight;
  let covariance = 0, variance = 0;
  for (const { x, y } of points) {
    covariance += (x - meanX) * (y - meanY) / y ** 2;
    variance += ((x - meanX) / y) ** 2;
  }
  const slope = variance > 0 ? covariance / variance : 0;
  const fixed = meanY - slope * meanX;
  const distances = points.map(({ x, y }) =>
    Math.abs(fixed + slope * x - y) / y
  );
  return { fixed, slope, deviation: Math.max(...distances) };
}
