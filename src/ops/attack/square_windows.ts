// The sizes of the windows of the Square attack (Andriushchenko et al., 2020) by query, for
// images of any size.
//
// A window covers the part p of the image, which begins at 0.8 and is halved after 10,
// 50, 200, 500, … queries; the authors' code for 10,000 queries, not rescaled.

/** The part of an image that the first windows cover. */
const FIRST_PART = 0.8;

/** The last queries before the part is halved. */
const HALVED_AFTER = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** The image size and the norm that windows are for. */
export interface WindowOptions {
  readonly norm: "linf" | "l2";
  readonly height: number;
  readonly width: number;
}

/** Windows of one side, and the last query that uses it. */
export interface WindowStage {
  readonly side: number;
  /** Infinity for the last stage. */
  readonly through: number;
}

/** The windows of every query, one entry for each halving. */
export function windowStages(
  { norm, height, width }: WindowOptions,
): WindowStage[] {
  return [...HALVED_AFTER, Infinity].map((through, halvings) => {
    const part = FIRST_PART / 2 ** halvings;
    const side = Math.round(Math.sqrt(part * height * width));
    // The Euclidean windows have a middle.
    const least = norm === "linf" ? Math.max(side, 1) : oddFrom3(side);
    return { through, side: Math.min(least, height, width) };
  });
}

/** The side of the windows of a query, counted from 0. */
export function windowSide(query: number, options: WindowOptions): number {
  return windowStages(options).find(({ through }) => query <= through)!.side;
}

function oddFrom3(side: number): number {
  return Math.max(side, 3) + (Math.max(side, 3) + 1) % 2;
}

/** WGSL of the same: `fn window_side(query: u32) -> u32`. */
export function windowSideWgsl(options: WindowOptions): string {
  const stages = windowStages(options);
  return [
    "fn window_side(query: u32) -> u32 {",
    ...stages.slice(0, -1).map(({ side, through }) =>
      `  if (query <= ${through}u) { return ${side}u; }`
    ),
    `  return ${stages.at(-1)!.side}u;`,
    "}",
  ].join("\n");
}
