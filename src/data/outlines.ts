// The ten shapes of the data set `shapes`, each a signed distance: negative
// inside, positive outside, its size the way to the edge. One number per pixel
// then yields both the shape and its smooth edge. Shapes fill about the unit
// circle; corners may stand out of it by a fifth.
//
// Only +, -, *, comparisons and square roots are used, which round alike on
// every machine; the star's directions are literals for the same reason.

/** The signed distance of a point from a shape's edge, in the unit frame. */
export type Distance = (x: number, y: number) => number;

/** One kind of shape. */
export interface Outline {
  /** The name of its class. */
  readonly name: string;
  /**
   * The tangent of half the largest angle by which it may be tilted to either
   * side: 1 is a right angle and, with a half turn, every direction.
   */
  readonly tilt: number;
  /** Where it is. */
  readonly distance: Distance;
}

const { abs, max, min, sqrt } = Math;

const ANY_TILT = 1;
/** About 14 degrees: horizontal and vertical stay apart. */
const SLIGHT_TILT = 0.12;

/** The shapes; the index is the class. */
export const OUTLINES: readonly Outline[] = [
  { name: "disk", tilt: ANY_TILT, distance: (x, y) => disk(x, y) + 0.15 },
  {
    name: "ring",
    tilt: ANY_TILT,
    distance: (x, y) => abs(disk(x, y) + 0.28) - 0.2,
  },
  { name: "square", tilt: ANY_TILT, distance: (x, y) => box(x, y, 0.75, 0.75) },
  { name: "triangle", tilt: ANY_TILT, distance: triangle },
  {
    name: "cross",
    tilt: ANY_TILT,
    distance: (x, y) => min(box(x, y, 0.95, 0.26), box(x, y, 0.26, 0.95)),
  },
  { name: "star", tilt: ANY_TILT, distance: star },
  {
    name: "crescent",
    tilt: ANY_TILT,
    distance: (x, y) => max(disk(x, y) + 0.1, -disk(x - 0.42, y) - 0.28),
  },
  { name: "horizontal bars", tilt: SLIGHT_TILT, distance: bars },
  {
    name: "vertical bars",
    tilt: SLIGHT_TILT,
    distance: (x, y) => bars(y, x),
  },
  { name: "checkerboard", tilt: ANY_TILT, distance: checkerboard },
];

/** The unit disk. */
export function disk(x: number, y: number): number {
  return sqrt(x * x + y * y) - 1;
}

/** A rectangle, given half its width and height. */
function box(x: number, y: number, width: number, height: number): number {
  return max(abs(x) - width, abs(y) - height);
}

function triangle(x: number, y: number): number {
  const halfRootOfThree = 0.8660254037844386;
  return max(y, halfRootOfThree * abs(x) - 0.5 * y) - 0.53;
}

/** The directions of the star's five edges: a regular pentagon. */
const STAR_NORMALS: readonly (readonly [number, number])[] = [
  [0, -1],
  [0.9510565162951535, -0.3090169943749474],
  [0.5877852522924731, 0.8090169943749475],
  [-0.5877852522924731, 0.8090169943749475],
  [-0.9510565162951535, -0.3090169943749474],
];

/** A pentagram: what lies inside all of its five edges but at most one. */
function star(x: number, y: number): number {
  let first = -Infinity;
  let second = -Infinity;
  for (const [normalX, normalY] of STAR_NORMALS) {
    const distance = normalX * x + normalY * y;
    second = max(second, min(first, distance));
    first = max(first, distance);
  }
  return second - 0.36;
}

function bars(x: number, y: number): number {
  const middle = box(x, y, 0.85, 0.17);
  const outer = box(x, abs(y) - 0.6, 0.85, 0.17);
  return min(middle, outer);
}

/** Three by three fields, those at the corners and in the middle filled. */
function checkerboard(x: number, y: number): number {
  const toEdgeX = abs(x) - 0.28;
  const toEdgeY = abs(y) - 0.28;
  const toEdge = min(abs(toEdgeX), abs(toEdgeY));
  const filled = toEdgeX * toEdgeY > 0;
  return max(box(x, y, 0.84, 0.84), filled ? -toEdge : toEdge);
}
