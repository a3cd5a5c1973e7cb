// dw[b, r, s, c, k] = sum over the output pixels (n, p, q) of part b of
//                     x[n, p*stride + r - padding, q*stride + s - padding, c]
//                     * dy[n, p, q, k]
//
// For GPUs (see conv_implicit_gemm.wgsl): a matrix product of windows (r, s, c) by
// filters over pixels, where both operands have their rows contiguous. One workgroup
// owns TILE_M consecutive rows (r, s, c) and TILE_N filters in one part of the
// pixels; one thread owns ROWS of the rows, in vectors of four, and eight of the filters. A
// step brings DEPTH pixels, and as many threads fetch each. WINDOWS is false for products
// of matrices, where nothing lies outside, and FITS where no step has pixels beyond the
// last one; UNROLLED steps, which divide those of every part, are written out.
//
// C4 and K4 count channels in vectors of four. Parts dw (parts, R, S, C, K) are added by a second
// dispatch in order. The grid's third dimension also has the matrices of a batched
// product, (C, pixels) x (pixels, K), that lie one behind the other in x and dy, and in
// each part of dw.
//
// uses: conv_implicit_gemm_layout

const VEC4S = ROWS / 4u;
const FETCHERS = THREADS / DEPTH;
const FETCHED = (TILE_M / 4u + FETCHERS - 1u) / FETCHERS;
// With room for rows and filters that are fetched and not used.
const LEFT = (FETCHED * FETCHERS + THREADS_M - 1u) / THREADS_M;
const RIGHT = (FETCHERS + THREADS_N - 1u) / THREADS_N;

struct Arguments {
  H: u32,
  W: u32,
  C4: u32,
  K4: u32,
  P: u32,
  Q: u32,
  S: u32,
  stride: u32,
  padding: u32,
  // Rows (r, s, c) in vectors of four.
  rows: u32,
  // Output pixels in all, and per part.
  pixels: u32,
  part: u32,
  // Matrices, and the part of dw that the first part here is.
  matrices: u32,
  first_part: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;
@group(0) @binding(3) var<uniform> args: Arguments;

// Four rows of a pixel, and four filters of a pixel.
var<workgroup> left: array<array<array<vec4f, THREADS_M>, LEFT>, DEPTH>;
var<workgroup> right: array<array<array<vec4f, THREADS_N>, RIGHT>, DEPTH>;

// What a thread fetches of every pixel: the places of its rows in a window and in x. Rows
// and columns are unsigned, so that a place above or left of the image is a large number.
struct Place {
  h: array<u32, FETCHED>,
  v: array<u32, FETCHED>,
  x: array<u32, FETCHED>,
  // Where in workgroup memory its rows and its filters come.
  left: array<vec3u, FETCHED>,
  right: vec3u,
}

// The output pixel that a thread fetches: its number, row and column of its window, their
// place in x, and its own in dy.
struct Pixel {
  number: u32,
  h: u32,
  v: u32,
  x: u32,
  dy: u32,
}

// Values on their way, and whether they exist.
struct Fetched {
  x: array<Stored, FETCHED>,
  in_x: array<bool, FETCHED>,
  dy: Stored,
  here: bool,
}

fn fetch(at: Place, pixel: Pixel) -> Fetched {
  var fetched: Fetched;
  fetched.here = FITS | (pixel.number < args.pixels);
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let h = pixel.h + at.h[f];
    let v = pixel.v + at.v[f];
    fetched.in_x[f] = (!WINDOWS | ((h < args.H) & (v < args.W))) & fetched.here;
    fetched.x[f] = x[pixel.x + at.x[f]];
  }
  fetched.dy = dy[pixel.dy];
  return fetched;
}

// Puts what was fetched where all threads read it.
fn share(fetched: Fetched, at: Place) {
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let to = at.left[f];
    left[to.x][to.y][to.z] = select(vec4f(), vec4f(fetched.x[f]), fetched.in_x[f]);
  }
  let to = at.right;
  right[to.x][to.y][to.z] = select(vec4f(), vec4f(fetched.dy), fetched.here);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let k0 = group.x * (TILE_N / 4u);
  let row0 = group.y * (TILE_M / 4u);
  let matrix = group.z % args.matrices;
  let part = group.z / args.matrices;
  let first = part * args.part;
  let end = min(first + args.part, args.pixels);

  // What this thread fetches: every FETCHERS-th row from its slot on, and four filters, of
  // one pixel per step. Rows and filters that do not exist take the place of the last
  // ones: their sums are not stored.
  let lane = thread / FETCHERS;
  let slot = thread % FETCHERS;
  var at: Place;
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let own_row = slot + f * FETCHERS;
    at.left[f] = vec3u(min(lane, DEPTH - 1u), own_row / THREADS_M, own_row % THREADS_M);
    let row = min(row0 + own_row, args.rows - 1u);
    let tap = row / args.C4;
    at.h[f] = tap / args.S - args.padding;
    at.v[f] = tap % args.S - args.padding;
    at.x[f] = (at.h[f] * args.W + at.v[f]) * args.C4 + row % args.C4;
  }
  at.right = vec3u(min(lane, DEPTH - 1u), slot / THREADS_N, slot % THREADS_N);

  // Its first pixel, and by how much x goes on: from a row's end to the next row, and from
  // an image's end to the next image.
  var pixel: Pixel;
  pixel.number = first + lane;
  let place = place_in_images(pixel.number);
  pixel.h = place.y * args.stride;
  pixel.v = place.z * args.stride;
  pixel.x = (((matrix + place.x) * args.H + pixel.h) * args.W + pixel.v) * args.C4;
  pixel.dy = (matrix * args.pixels + pixel.number) * args.K4 + min(k0 + slot, args.K4 - 1u);
  let on = place_in_images(DEPTH) * vec3u(1u, args.stride, args.stride);
  let on_x = ((on.x * args.H + on.y) * args.W + on.z) * args.C4;
  let end_h = args.P * args.stride;
  let end_v = args.Q * args.stride;
  let row_x = (args.W * args.stride - end_v) * args.C4;
  let image_x = (args.H - end_h) * args.W * args.C4;

  let own = place_in_tile(thread);
  var sum: array<vec4f, ROWS * 2u>;
  share(fetch(at, pixel), at);
  workgroupBarrier();
  for (var done = first; done < end; done += UNROLLED * DEPTH) {
    for (var s = 0u; s < UNROLLED; s++) { // unroll on GPUs
      // DEPTH pixels on, by carrying columns into rows and rows into images. What is
      // fetched behind the last ones is not used.
      pixel.number += DEPTH;
      pixel.dy += DEPTH * args.K4;
      if (WINDOWS) {
        pixel.h += on.y;
        pixel.v += on.z;
        pixel.x += on_x;
        if (pixel.v >= end_v) {
          pixel.v -= end_v;
          pixel.h += args.stride;
          pixel.x += row_x;
        }
        if (pixel.h >= end_h) {
          pixel.h -= end_h;
          pixel.x += image_x;
        }
      } else {
        pixel.x += DEPTH * args.C4;
      }
      let fetched = fetch(at, pixel);
      for (var d = 0u; d < DEPTH; d++) { // unroll on GPUs
        var value: array<vec4f, VEC4S>;
        for (var i = 0u; i < VEC4S; i++) { // unroll
          value[i] = left[d][i][own.x];
        }
        for (var f = 0u; f < 2u; f++) { // unroll
          let factor = right[d][f][own.y];
          for (var i = 0u; i < ROWS; i++) { // unroll
            sum[i * 2u + f] = fma(vec4f(value[i / 4u][i % 4u]), factor, sum[i * 2u + f]);
          }
        }
      }
      workgroupBarrier();
      share(fetched, at);
      workgroupBarrier();
    }
  }

  for (var i = 0u; i < ROWS; i++) { // unroll on GPUs
    let row = row0 + own.x + (i / 4u) * THREADS_M;
    for (var f = 0u; f < 2u; f++) { // unroll on GPUs
      let k = k0 + own.y + f * THREADS_N;
      if (row < args.rows && k < args.K4) {
        let at_part = (args.first_part + part) * args.matrices + matrix;
        let at_row = (at_part * args.rows + row) * 4u + i % 4u;
        dw[at_row * args.K4 + k] = sum[i * 2u + f];
      }
    }
  }
}
