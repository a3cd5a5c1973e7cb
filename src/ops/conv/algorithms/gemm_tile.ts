// The tiles of matrix products on GPUs: the part that a workgroup computes. The tile for a
// shape is chosen by arithmetic alone, so that equal experiments add in equal order on
// every GPU.

/** The part of a matrix product that a workgroup computes. */
export interface Tile {
  readonly TILE_M: number;
  /** Filters; a thread has eight of them, and ROWS of the rows. */
  readonly TILE_N: number;
  readonly ROWS: 4 | 8;
  /** Elements of the summed axis that one step adds. */
  readonly DEPTH: 4 | 8;
}

/**
 * The tiles that `tileFor` chooses from, the first of equals. All need at most 16 KiB of workgroup
 * memory and 256 threads; 80 filters divide the 160 of a WRN-34-10.
 */
const CHOSEN: readonly Tile[] = [
  { TILE_M: 128, TILE_N: 64, ROWS: 8, DEPTH: 8 },
  { TILE_M: 128, TILE_N: 80, ROWS: 8, DEPTH: 8 },
  { TILE_M: 128, TILE_N: 32, ROWS: 8, DEPTH: 8 },
  { TILE_M: 128, TILE_N: 16, ROWS: 4, DEPTH: 8 },
  { TILE_M: 64, TILE_N: 64, ROWS: 4, DEPTH: 8 },
  { TILE_M: 64, TILE_N: 32, ROWS: 4, DEPTH: 8 },
];

/** Every tile, with those that only a measurement chooses. */
export const TILES: readonly Tile[] = [
  ...CHOSEN,
  { TILE_M: 128, TILE_N: 128, ROWS: 8, DEPTH: 8 },
  { TILE_M: 128, TILE_N: 64, ROWS: 8, DEPTH: 4 },
  { TILE_M: 64, TILE_N: 80, ROWS: 4, DEPTH: 8 },
  { TILE_M: 64, TILE_N: 64, ROWS: 8, DEPTH: 4 },
];

/** Such as `128x64x8x4`: rows, filters, rows of a thread and depth. */
export function tileName({ TILE_M, TILE_N, ROWS, DEPTH }: Tile): string {
  return [TILE_M, TILE_N, ROWS, DEPTH].join("x");
}

/** Threads that a large GPU runs at once, of which the last ones end alone. */
const FILLING = 16_384;

/** By how much another tile must be better than one that comes before it. */
const GAIN = 0.95;

/** The tile that multiplies (rows, depth) by (depth, filters) with least effort. */
export function tileFor(
  { rows, filters, products = 1, filling = FILLING }: {
    readonly rows: number;
    readonly filters: number;
    /** Products that are computed at once. */
    readonly products?: number;
    /** 0 where there are always enough workgroups, however large the tile. */
    readonly filling?: number;
  },
): Tile {
  const effort = (tile: Tile) =>
    (products * tilesOf(tile, rows, filters) + filling / threadsOf(tile)) *
    costOf(tile);
  return CHOSEN.reduce((best, tile) =>
    effort(tile) < GAIN * effort(best) ? tile : best
  );
}

function tilesOf(
  { TILE_M, TILE_N }: Tile,
  rows: number,
  filters: number,
): number {
  return Math.ceil(rows / TILE_M) * Math.ceil(filters / TILE_N);
}

function threadsOf({ TILE_M, TILE_N, ROWS }: Tile): number {
  return TILE_M / ROWS * (TILE_N / 8);
}

/**
 * The cost of a workgroup per unit of depth, in multiply-adds: those of the tile, eight
 * for each value that it fetches, and four for each vector that a thread reads back.
 */
function costOf(tile: Tile): number {
  const { TILE_M, TILE_N, ROWS } = tile;
  return TILE_M * TILE_N + 8 * (TILE_M + TILE_N) +
    threadsOf(tile) * (ROWS + 8);
}
