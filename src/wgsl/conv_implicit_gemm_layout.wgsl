// How the threads of a workgroup share a tile of TILE_M rows and TILE_N filters of a
// matrix product: each owns ROWS rows and eight filters.
//
// A thread owns every THREADS_M-th row and every THREADS_N-th four filters from its
// place on, so that neighbors read neighboring vectors of workgroup memory. Eight
// consecutive threads differ in rows alone: in each quarter of a warp, loads of rows
// touch every bank once and loads of filters are one broadcast.

const THREADS_M = TILE_M / ROWS;
const THREADS_N = TILE_N / 8u;
const THREADS = THREADS_M * THREADS_N;

// The place of a thread in the tile: along rows, and along filters.
fn place_in_tile(thread: u32) -> vec2u {
  return vec2u(
    thread / (8u * THREADS_N) * 8u + thread % 8u,
    (thread / 8u) % THREADS_N,
  );
}

// Image, row and column of a pixel, of images of P rows and Q columns.
fn place_in_images(pixel: u32) -> vec3u {
  let row = pixel / args.Q;
  return vec3u(row / args.P, row % args.P, pixel % args.Q);
}
