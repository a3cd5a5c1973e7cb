// dw[b, r, s, c, k] = sum over the output pixels (n, p, q) of part b of
//                     x[n, p*stride + r - padding, q*stride + s - padding, c]
//                     * dy[n, p, q, k]
//
// For GPUs (see conv_implicit_gemm.wgsl): a matrix product of windows (r, s, c) by
// filters over pixels, where both operands have their rows contiguous. One workgroup
// owns TILE_M consecutive rows (r, s, c) and TILE_N filters in one part of the
// pixels; one thread owns ROWS of the rows, in vectors of four, and eight of the filters. A
// step brings DEPTH pixels, and as many threads fetch each.
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

// Far above any image.
const OUTSIDE = -1073741824;

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
var<workgroup> left: array<array<array<array<vec4f, THREADS_M>, VEC4S>, DEPTH>, 2>;
var<workgroup> right: array<array<array<array<vec4f, THREADS_N>, 2>, DEPTH>, 2>;

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

  // What this thread fetches: every FETCHERS-th row from its slot on, and four
  // filters, of one pixel per step.
  let lane = thread / FETCHERS;
  let slot = thread % FETCHERS;
  var pixel = first + lane;
  var at = place_in_images(pixel);
  let advance = place_in_images(DEPTH);
  var fetched_h: array<i32, FETCHED>;
  var fetched_v: array<i32, FETCHED>;
  var fetched_c: array<u32, FETCHED>;
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let row = row0 + slot + f * FETCHERS;
    let tap = row / args.C4;
    let h = i32(tap / args.S) - i32(args.padding);
    fetched_h[f] = select(OUTSIDE, h, row < args.rows);
    fetched_v[f] = i32(tap % args.S) - i32(args.padding);
    fetched_c[f] = row % args.C4;
  }
  let in_filters = slot < TILE_N / 4u && k0 + slot < args.K4;

  let own = place_in_tile(thread);
  var sum: array<vec4f, ROWS * 2u>;
  let steps = (end - first + DEPTH - 1u) / DEPTH;
  for (var step = 0u; step <= steps; step++) {
    let side = step % 2u;
    let here = pixel < end;
    var values: array<Stored, FETCHED>;
    var inside: array<bool, FETCHED>;
    var cotangent: Stored;
    if (step < steps) {
      let corner_h = i32(at.y * args.stride);
      let corner_v = i32(at.z * args.stride);
      for (var f = 0u; f < FETCHED; f++) { // unroll
        // Unsigned, so that a place above or left of the image is a large number.
        let h = u32(corner_h + fetched_h[f]);
        let v = u32(corner_v + fetched_v[f]);
        inside[f] = here && h < args.H && v < args.W;
        let row = (matrix + at.x) * args.H + h;
        let element = (row * args.W + v) * args.C4 + fetched_c[f];
        values[f] = x[select(0u, element, inside[f])];
      }
      let element = (matrix * args.pixels + pixel) * args.K4 + k0 + slot;
      cotangent = dy[select(0u, element, here && in_filters)];
    }
    if (step > 0u) {
      for (var d = 0u; d < DEPTH; d++) { // unroll
        var value: array<vec4f, VEC4S>;
        for (var i = 0u; i < VEC4S; i++) { // unroll
          value[i] = left[1u - side][d][i][own.x];
        }
        for (var f = 0u; f < 2u; f++) { // unroll
          let factor = right[1u - side][d][f][own.y];
          for (var i = 0u; i < ROWS; i++) { // unroll
            sum[i * 2u + f] = fma(vec4f(value[i / 4u][i % 4u]), factor, sum[i * 2u + f]);
          }
        }
      }
    }
    if (step < steps) {
      for (var f = 0u; f < FETCHED; f++) { // unroll
        let row = slot + f * FETCHERS;
        if (row < TILE_M / 4u) {
          left[side][lane][row / THREADS_M][row % THREADS_M] =
            select(vec4f(), vec4f(values[f]), inside[f]);
        }
      }
      if (slot < TILE_N / 4u) {
        right[side][lane][slot / THREADS_N][slot % THREADS_N] =
          select(vec4f(), vec4f(cotangent), here && in_filters);
      }
      // DEPTH pixels on, by carrying columns into rows and rows into images.
      pixel += DEPTH;
      at += advance;
      if (at.z >= args.Q) {
        at.z -= args.Q;
        at.y++;
      }
      if (at.y >= args.P) {
        at.y -= args.P;
        at.x++;
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) { // unroll
    let row = row0 + own.x + (i / 4u) * THREADS_M;
    for (var f = 0u; f < 2u; f++) { // unroll
      let k = k0 + own.y + f * THREADS_N;
      if (row < args.rows && k < args.K4) {
        let at_part = (args.first_part + part) * args.matrices + matrix;
        let at_row = (at_part * args.rows + row) * 4u + i % 4u;
        dw[at_row * args.K4 + k] = sum[i * 2u + f];
      }
    }
  }
}
