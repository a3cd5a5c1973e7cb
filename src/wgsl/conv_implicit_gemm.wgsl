// y[n, p, q, k] = sum over r, s, c of x[n, h, v, c] * w[r, s, c, k], plus shift[k] if
// SHIFT, plus residual[n, p, q, k] if RESIDUAL, limited below by 0 if RELU, and 0 where
// mask[n, p, q, k] is not positive if MASK; forward or, with `transposed`, as the input
// gradient (x is dy, w has its channels swapped).
//
// For GPUs: a matrix product of pixels by filters whose left operand, the
// window of every pixel, is gathered into workgroup memory and never stored. One
// workgroup owns TILE_M consecutive pixels, also of different rows and images, and
// TILE_N filters; one thread owns ROWS of the pixels and eight of the filters. A
// step brings DEPTH channels of one tap. Two sides take turns: while one is
// multiplied, the next step's values are on their way into the other.
//
// Taps are the inner loop and channels the outer one, so that the values that nine
// taps share are read again while they are still cached. The left tile holds one
// vector of four channels per pixel: it is stored as it is loaded, and as a thread
// wants it. What lies outside is loaded from the first element and becomes 0 when
// it is stored: a branch, or a use any earlier, would wait for the load.
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

// Far above and left of any image.
const OUTSIDE = -1073741824;

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
var<workgroup> left: array<array<array<array<vec4f, THREADS_M>, ROWS>, VEC4S>, 2>;
var<workgroup> right: array<array<array<array<vec4f, THREADS_N>, 2>, DEPTH>, 2>;

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
  let transposed = args.transposed != 0u;
  let direction = select(1, -1, transposed);
  let phase_h = phase / args.phases;
  let phase_v = phase % args.phases;
  let padded_h = phase_h + args.padding;
  let padded_v = phase_v + args.padding;
  let r0 = select(0u, padded_h % args.phases, transposed);
  let s0 = select(0u, padded_v % args.phases, transposed);
  let taps_h = (args.R + args.phases - 1u - r0) / args.phases;
  let taps_v = (args.S + args.phases - 1u - s0) / args.phases;
  let corner_h = select(-i32(args.padding), i32(padded_h / args.phases), transposed);
  let corner_v = select(-i32(args.padding), i32(padded_v / args.phases), transposed);

  // What this thread fetches: where the first tap of its pixels lies, and its four
  // filters of one channel.
  var fetched_h: array<i32, FETCHED>;
  var fetched_v: array<i32, FETCHED>;
  var fetched_x: array<i32, FETCHED>;
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let slot = thread + f * THREADS;
    let at = place_in_images(first + slot);
    let h = i32(at.y * args.stride) + corner_h;
    fetched_h[f] = select(OUTSIDE, h, slot < TILE_M && first + slot < args.pixels);
    fetched_v[f] = i32(at.z * args.stride) + corner_v;
    let row = i32((matrix + at.x) * args.H) + h;
    fetched_x[f] = (row * i32(args.W) + fetched_v[f]) * i32(args.C4);
  }
  let fetched_c = thread / (TILE_N / 4u);
  let fetched_k = thread % (TILE_N / 4u);
  let fetched_w = (matrix * 4u * args.C4 + fetched_c) * args.K4 + k0 + fetched_k;
  let in_filters = k0 + fetched_k < args.K4;

  let own = place_in_tile(thread);
  var sum: array<vec4f, ROWS * 2u>;
  var c4 = 0u;
  var tap_h = 0u;
  var tap_v = 0u;
  let steps = taps_h * taps_v * ((args.C4 + VEC4S - 1u) / VEC4S);
  for (var step = 0u; step <= steps; step++) {
    let side = step % 2u;
    let channels = 4u * (args.C4 - c4);
    var values: array<Stored, FETCHED * VEC4S>;
    var inside: array<bool, FETCHED * VEC4S>;
    var weights: Stored;
    if (step < steps) {
      let h = direction * i32(tap_h);
      let v = direction * i32(tap_v);
      let offset = (h * i32(args.W) + v) * i32(args.C4) + i32(c4);
      for (var f = 0u; f < FETCHED; f++) { // unroll
        // Unsigned, so that a place above or left of the image is a large number.
        let in_image = u32(fetched_h[f] + h) < args.H && u32(fetched_v[f] + v) < args.W;
        for (var q = 0u; q < VEC4S; q++) { // unroll
          let i = f * VEC4S + q;
          inside[i] = in_image && q * 4u < channels;
          values[i] = x[select(0u, u32(fetched_x[f] + offset) + q, inside[i])];
        }
      }
      let tap = (r0 + tap_h * args.phases) * args.S + s0 + tap_v * args.phases;
      let first_w = (tap * args.C4 + c4) * 4u * args.K4;
      weights = w[select(0u, first_w + fetched_w, fetched_c < channels && in_filters)];
    }
    if (step > 0u) {
      for (var q = 0u; q < VEC4S; q++) { // unroll
        var value: array<vec4f, ROWS>;
        for (var i = 0u; i < ROWS; i++) { // unroll
          value[i] = left[1u - side][q][i][own.x];
        }
        for (var e = 0u; e < 4u; e++) { // unroll
          for (var f = 0u; f < 2u; f++) { // unroll
            let weight = right[1u - side][q * 4u + e][f][own.y];
            for (var i = 0u; i < ROWS; i++) { // unroll
              sum[i * 2u + f] = fma(vec4f(value[i][e]), weight, sum[i * 2u + f]);
            }
          }
        }
      }
    }
    if (step < steps) {
      for (var f = 0u; f < FETCHED; f++) { // unroll
        let slot = thread + f * THREADS;
        if (slot < TILE_M) {
          for (var q = 0u; q < VEC4S; q++) { // unroll
            let i = f * VEC4S + q;
            left[side][q][slot / THREADS_M][slot % THREADS_M] =
              select(vec4f(), vec4f(values[i]), inside[i]);
          }
        }
      }
      if (fetched_c < DEPTH) {
        right[side][fetched_c][fetched_k / THREADS_N][fetched_k % THREADS_N] =
          select(vec4f(), vec4f(weights), fetched_c < channels && in_filters);
      }
      tap_v++;
      if (tap_v == taps_v) {
        tap_v = 0u;
        tap_h++;
      }
      if (tap_h == taps_h) {
        tap_h = 0u;
        c4 += VEC4S;
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) { // unroll
    let pixel = first + own.x + i * THREADS_M;
    let at = place_in_images(pixel);
    let h = at.y * args.phases + phase_h;
    let v = at.z * args.phases + phase_v;
    if (pixel < args.pixels && h < args.out_H && v < args.out_W) {
      for (var f = 0u; f < 2u; f++) { // unroll
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
