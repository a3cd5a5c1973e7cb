// y[n, p, q, k] = sum over r, s, c of x[n, h, v, c] * w[r, s, c, k], plus shift[k] if
// SHIFT, plus residual[n, p, q, k] if RESIDUAL, limited below by 0 if RELU, and 0 where
// mask[n, p, q, k] is not positive if MASK; forward or, with `transposed`, as the input
// gradient (x is dy, w has its channels swapped).
//
// For GPUs: a matrix product of pixels by filters whose left operand, the
// window of every pixel, is gathered into workgroup memory and never stored. One
// workgroup owns TILE_M consecutive pixels, also of different rows and images, and
// TILE_N filters; one thread owns ROWS of the pixels and eight of the filters. A
// step multiplies DEPTH channels of one tap, while the next step's values are on their way
// into registers. Where they lie is carried from step to step, not computed anew.
//
// UNROLLED steps, which divide the channels, are written out, and see the same tap. Taps are
// the inner loop and other channels the outer one, so that the values that nine taps share
// are read again while they are still cached. The left tile holds one
// vector of four channels per pixel: it is stored as it is loaded, and as a thread
// wants it. What is loaded from outside of an image, which may be any number, becomes 0
// when it is stored: a branch, or a use any earlier, would wait for the load. So threads that
// have nothing to fetch in a tile fetch something, and store it in spare room. WINDOWS is
// false for products of matrices, where nothing lies outside, and FITS where no step has
// channels beyond C.
//
// Where operands are stored in halves, they are widened on their way into workgroup
// memory: WGSL has no product of halves that is added in f32, and one that is rounded
// first would cost more digits than storing does.
//
// C4 and K4 count channels in vectors of four. In the input gradient of a strided convolution, output
// pixels of one phase see every `phases`-th tap only; phases are on the grid's third
// dimension, together with the tiles for which the second is too short, and with
// the matrices of a batched product: 1x1 convolutions (pixels, C) x (C, K) that lie one
// behind the other in x, w and y.
//
// uses: conv_implicit_gemm_layout

const VEC4S = DEPTH / 4u;
const FETCHED = (TILE_M + THREADS - 1u) / THREADS;
const VALUES = FETCHED * VEC4S;
// Room for pixels and for channels of filters that are fetched and not used.
const SPARE = (FETCHED * THREADS - TILE_M + ROWS - 1u) / ROWS;
const CHANNELS = max(DEPTH, 4u * THREADS / TILE_N);

struct Arguments {
  H: u32,
  W: u32,
  C4: u32,
  K4: u32,
  // Rows and columns of the output pixels of one phase, and their number in all.
  P: u32,
  Q: u32,
  pixels: u32,
  R: u32,
  S: u32,
  stride: u32,
  phases: u32,
  padding: u32,
  transposed: u32,
  matrices: u32,
  out_H: u32,
  out_W: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<Stored>;
@group(0) @binding(2) var<storage, read> shift: array<vec4f>;
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
@group(0) @binding(4) var<storage, read> mask: array<Stored>;
@group(0) @binding(5) var<storage, read_write> y: array<Stored>;
@group(0) @binding(6) var<uniform> args: Arguments;

// Four channels of a pixel, and four filters of a channel. Nested, so that a thread's
// place is the only index that changes: its bound is checked once per step.
var<workgroup> left: array<array<array<vec4f, THREADS_M + SPARE>, ROWS / 4u>, DEPTH>;
var<workgroup> right: array<array<array<vec4f, THREADS_N>, 2>, CHANNELS>;

// What a thread fetches in the first step: row and column of its pixels, where they lie in
// x, its channel of the filters, and where they lie in w.
struct Place {
  h: array<u32, FETCHED>,
  v: array<u32, FETCHED>,
  x: array<u32, FETCHED>,
  c: u32,
  w: u32,
  // Where in workgroup memory its pixels and its filters come.
  left: array<vec3u, FETCHED>,
  right: vec3u,
}

// A step: its tap, its first four channels and those of the next tap, and how far x and w
// have gone on.
struct Step {
  h: u32,
  v: u32,
  c4: u32,
  next_c4: u32,
  x: u32,
  w: u32,
}

// Values on their way, and whether they exist.
struct Fetched {
  x: array<Stored, VALUES>,
  in_x: array<bool, VALUES>,
  w: Stored,
  in_w: bool,
}

// Rows and columns are unsigned, so that a place above or left of the image is a large
// number, and `direction` may be -1.
fn fetch(at: Place, step: Step) -> Fetched {
  var fetched: Fetched;
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let h = at.h[f] + step.h;
    let v = at.v[f] + step.v;
    for (var q = 0u; q < VEC4S; q++) { // unroll
      let in_x = (!WINDOWS | ((h < args.H) & (v < args.W))) & (FITS | (step.c4 + q < args.C4));
      fetched.in_x[f * VEC4S + q] = in_x;
      fetched.x[f * VEC4S + q] = x[at.x[f] + step.x + q];
    }
  }
  fetched.in_w = FITS | (4u * step.c4 + at.c < 4u * args.C4);
  fetched.w = w[at.w + step.w];
  return fetched;
}

// Where a pixel comes: those behind the tile in the spare columns.
fn place_in_left(slot: u32) -> vec3u {
  let own = vec3u(slot / (4u * THREADS_M), slot / 4u % THREADS_M, slot % 4u);
  let columns = max(SPARE, 1u);
  let extra = slot - TILE_M;
  let spare = vec3u(extra / (4u * columns), THREADS_M + extra / 4u % columns, slot % 4u);
  return select(spare, own, slot < TILE_M);
}

// Puts what was fetched where all threads read it.
fn share(fetched: Fetched, at: Place) {
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let to = at.left[f];
    for (var q = 0u; q < VEC4S; q++) { // unroll
      let i = f * VEC4S + q;
      let value = select(vec4f(), vec4f(fetched.x[i]), fetched.in_x[i]);
      for (var e = 0u; e < 4u; e++) { // unroll
        left[4u * q + e][to.x][to.y][to.z] = value[e];
      }
    }
  }
  right[at.right.x][at.right.y][at.right.z] =
    select(vec4f(), vec4f(fetched.w), fetched.in_w);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let matrix = group.z % args.matrices;
  let phase = (group.z / args.matrices) % (args.phases * args.phases);
  let fold = group.z / (args.matrices * args.phases * args.phases);
  let first = (fold * groups.y + group.y) * TILE_M;
  let k0 = group.x * (TILE_N / 4u);

  // The first tap that this phase sees, the number of taps, and the pixel at the
  // first tap of output pixel (0, 0).
  let transposed = WINDOWS & (args.transposed != 0u);
  let direction = select(1u, ~0u, transposed);
  let phase_h = phase / args.phases;
  let phase_v = phase % args.phases;
  let padded_h = phase_h + args.padding;
  let padded_v = phase_v + args.padding;
  let r0 = select(0u, padded_h % args.phases, transposed);
  let s0 = select(0u, padded_v % args.phases, transposed);
  let taps_h = (args.R + args.phases - 1u - r0) / args.phases;
  let taps_v = (args.S + args.phases - 1u - s0) / args.phases;
  let corner_h = select(0u - args.padding, padded_h / args.phases, transposed);
  let corner_v = select(0u - args.padding, padded_v / args.phases, transposed);

  // Pixels and filters that do not exist take the place of the last ones: their sums are
  // not stored.
  var at: Place;
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let pixel = place_in_images(min(first + thread + f * THREADS, args.pixels - 1u));
    at.h[f] = pixel.y * args.stride + corner_h;
    at.v[f] = pixel.z * args.stride + corner_v;
    at.left[f] = place_in_left(thread + f * THREADS);
    at.x[f] = (((matrix + pixel.x) * args.H + at.h[f]) * args.W + at.v[f]) * args.C4;
  }
  at.c = thread / (TILE_N / 4u);
  let own_k = thread % (TILE_N / 4u);
  let tap = r0 * args.S + s0;
  at.w = ((matrix + tap) * 4u * args.C4 + at.c) * args.K4 + min(k0 + own_k, args.K4 - 1u);
  at.right = vec3u(at.c, own_k / THREADS_N, own_k % THREADS_N);

  // By how much x and w go on after UNROLLED steps of a tap: to the next tap of a row, from
  // the last one to the next row, and from the last row to the next channels.
  let end_h = direction * taps_h;
  let end_v = direction * taps_v;
  let tap_x = direction * args.C4 - UNROLLED * VEC4S;
  let row_x = direction * args.C4 * (args.W - taps_v);
  let next_x = UNROLLED * VEC4S - direction * args.C4 * args.W * taps_h;
  let filters = 4u * args.C4 * args.K4;
  let tap_w = args.phases * filters - UNROLLED * DEPTH * args.K4;
  let row_w = args.phases * filters * (args.S - taps_v);
  let next_w = UNROLLED * DEPTH * args.K4 - args.phases * filters * args.S * taps_h;

  let own = place_in_tile(thread);
  var sum: array<vec4f, ROWS * 2u>;
  var step: Step;
  share(fetch(at, step), at);
  workgroupBarrier();
  let steps = taps_h * taps_v * ((args.C4 + VEC4S - 1u) / VEC4S);
  for (var done = 0u; done < steps; done += UNROLLED) {
    for (var s = 0u; s < UNROLLED; s++) { // unroll on GPUs
      // The next step; what the last one fetches is not used.
      step.x += VEC4S;
      step.w += DEPTH * args.K4;
      step.c4 += VEC4S;
      if (WINDOWS && s + 1u == UNROLLED) {
        step.x += tap_x;
        step.w += tap_w;
        step.v += direction;
        if (step.v == end_v) {
          step.v = 0u;
          step.x += row_x;
          step.w += row_w;
          step.h += direction;
          if (step.h == end_h) {
            step.h = 0u;
            step.x += next_x;
            step.w += next_w;
            step.next_c4 += UNROLLED * VEC4S;
          }
        }
        step.c4 = step.next_c4;
      }
      let fetched = fetch(at, step);
      for (var d = 0u; d < DEPTH; d++) { // unroll on GPUs
        var value: array<vec4f, ROWS / 4u>;
        for (var i = 0u; i < ROWS / 4u; i++) { // unroll
          value[i] = left[d][i][own.x];
        }
        for (var f = 0u; f < 2u; f++) { // unroll
          let weight = right[d][f][own.y];
          for (var i = 0u; i < ROWS; i++) { // unroll
            sum[i * 2u + f] = fma(vec4f(value[i / 4u][i % 4u]), weight, sum[i * 2u + f]);
          }
        }
      }
      workgroupBarrier();
      share(fetched, at);
      workgroupBarrier();
    }
  }

  for (var i = 0u; i < ROWS; i++) { // unroll on GPUs
    let pixel = first + 4u * (own.x + i / 4u * THREADS_M) + i % 4u;
    let at = place_in_images(pixel);
    let h = at.y * args.phases + phase_h;
    let v = at.z * args.phases + phase_v;
    if (pixel < args.pixels && h < args.out_H && v < args.out_W) {
      for (var f = 0u; f < 2u; f++) { // unroll on GPUs
        let k = k0 + own.y + f * THREADS_N;
        if (k < args.K4) {
          let to = (((matrix + at.x) * args.out_H + h) * args.out_W + v) * args.K4 + k;
          var result = sum[i * 2u + f];
          if (SHIFT) {
            result += shift[k];
          }
          if (RESIDUAL) {
            result += vec4f(residual[to]);
          }
          if (RELU) {
            result = select(result, vec4f(), result < vec4f());
          }
          if (MASK) {
            result = select(result, vec4f(), vec4f(mask[to]) <= vec4f());
          }
          y[to] = Stored(result);
        }
      }
    }
  }
}
