/** One kind of figure, in a frame where it fills the unit circle or so. */
export interface Figure {
  readonly name: string;
  readonly tilt: number;
  distance(x: number, y: number): number;
}

const { abs, max, min, sqrt } = Math;

const PLANES = [
  [0, -1],
  [0.9510565162951535, -0.3090169943749474],
  [0.5877852522924731, 0.8090169943749475],
  [-0.5877852522924731, 0.8090169943749475],
  [-0.9510565162951535, -0.3090169943749474],
] as const;

function round(x: number, y: number): number {
  return sqrt(x * x + y * y);
}

function box(x: number, y: number, width: number, height: number): number {
  return max(abs(x) - width, abs(y) - height);
}

function bars(x: number, y: number): number {
  return min(
    box(x, y - 0.6, 0.85, 0.17),
    box(x, y, 0.85, 0.17),
    box(x, y + 0.6, 0.85, 0.17),
  );
}

export const FIGURES: readonly Figure[] = [
  { name: "disk", tilt: 1, distance: (x, y) => round(x, y) - 0.85 },
  { name: "ring", tilt: 1, distance: (x, y) => abs(round(x, y) - 0.72) - 0.2 },
  { name: "square", tilt: 1, distance: (x, y) => box(x, y, 0.75, 0.75) },
  {
    name: "triangle",
    tilt: 1,
    distance: (x, y) => max(y, 0.8660254037844386 * abs(x) - 0.5 * y) - 0.53,
  },
  {
    name: "cross",
    tilt: 1,
    distance: (x, y) => min(box(x, y, 0.95, 0.26), box(x, y, 0.26, 0.95)),
  },
  {
    name: "star",
    tilt: 1,
    distance: (x, y) => {
      let first = -Infinity, second = -Infinity;
      for (const [a, b] of PLANES) {
        const d = a * x + b * y;
        if (d > first) {
          second = first;
          first = d;
        } else if (d > second) second = d;
      }
      return second - 0.36;
    },
  },
  {
    name: "crescent",
    tilt: 1,
    distance: (x, y) => max(round(x, y) - 0.9, 0.72 - round(x - 0.42, y)),
  },
  { name: "horizontal bars", tilt: 0.12, distance: bars },
  { name: "vertical bars", tilt: 0.12, distance: (x, y) => bars(y, x) },
  {
    name: "checkerboard",
    tilt: 1,
    distance: (x, y) => {
      const u = 0.28 - abs(x), v = 0.28 - abs(y);
      return max(
        box(x, y, 0.84, 0.84),
        u * v > 0 ? -min(abs(u), abs(v)) : min(abs(u), abs(v)),
      );
    },
  },
];
