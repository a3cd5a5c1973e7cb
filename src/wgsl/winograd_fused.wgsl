// y[n, p, q, k] = sum over c and 3 x 3 taps of x[n, p + r - padding, q + s - padding, c] w,
// plus shift[k] if SHIFT, plus residual[n, p, q, k] if RESIDUAL, limited below by 0 if
// RELU, and 0 where mask[n, p, q, k] is not positive if MASK, by Winograd's method in tiles
// of 2 x 2 outputs, in one kernel: inputs are transformed on their way into workgroup
// memory, and products on their way to y, so that no more than x, y and the transformed
// filters u[i, j, c, k] is moved.
//
// One workgroup owns 32 tiles and 32 filters in all 16 matrices. Sixteen threads own a
// matrix, each of them eight tiles and eight filters: as many results as in
// conv_implicit_gemm.wgsl, by as many reads. A step adds four channels. Workgroup memory
// holds four rows of inputs and four of filters for every matrix: 16 KiB, which is all that
// WebGPU promises. In the end a quarter of the results at a time goes through it, to the
// threads that own outputs.
//
// For an input, thread i * 64 + t computes row i of the transform, B^T d, for two channels:
// the sum or difference of two rows of x, and then its columns. Tiles and filters that do
// not exist take the place of the last ones, and are not stored. What is fetched outside of an
// image, which may be any number, becomes 0; what is fetched behind the last step is not
// used.
//
const THREADS = 256u;
const TILES = 32u;
const FILTERS = 8u;

struct Arguments {
  H: u32,
  W: u32,
  // Channels and filters in vectors of four.
  C4: u32,
  K4: u32,
  P: u32,
  Q: u32,
  padding: u32,
  // Rows and columns of tiles of an image, and all tiles.
  tiles_h: u32,
  tiles_w: u32,
  tiles: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Pair>;
@group(0) @binding(1) var<storage, read> u: array<vec4f>;
@group(0) @binding(2) var<storage, read> shift: array<vec4f>;
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
@group(0) @binding(4) var<storage, read> mask: array<Stored>;
@group(0) @binding(5) var<storage, read_write> y: array<Stored>;
@group(0) @binding(6) var<uniform> args: Arguments;

// By matrix: four channels of 32 tiles, then four channels of 32 filters.
var<workgroup> operands: array<array<array<vec4f, 8>, 8>, 16>;

// What a thread fetches in the first step: the places of two rows in x, those of its
// values that exist, and where it finds its filters.
struct Place {
  rows: vec2u,
  inside: array<bool, 8>,
  w: u32,
}

// Values on their way: four columns of two rows, and filters of two matrices.
struct Fetched {
  x: array<Pair, 8>,
  w: array<vec4f, 2>,
}

// Image, and row and column of the first output of a tile.
fn place_of_tile(tile: u32) -> vec3u {
  let row = tile / args.tiles_w;
  return vec3u(row / args.tiles_h, row % args.tiles_h * 2u, tile % args.tiles_w * 2u);
}

fn fetch(at: Place, c4: u32) -> Fetched {
  var fetched: Fetched;
  for (var j = 0u; j < 4u; j++) { // unroll
    for (var r = 0u; r < 2u; r++) { // unroll
      fetched.x[2u * j + r] = x[at.rows[r] + 2u * (j * args.C4 + c4)];
    }
  }
  for (var f = 0u; f < 2u; f++) { // unroll
    fetched.w[f] = u[at.w + (f * 32u * args.C4 + 4u * c4) * args.K4];
  }
  return fetched;
}

// Transforms what was fetched, and puts it where all threads read it.
fn share(fetched: Fetched, at: Place, thread: u32) {
  let i = thread / 64u;
  let slot = thread % 64u / 2u;
  let c = thread % 2u * 2u;
  let sign = select(-1.0, 1.0, i == 1u);
  var d: array<vec2f, 4>;
  for (var j = 0u; j < 4u; j++) { // unroll
    let a = select(vec2f(), vec2f(fetched.x[2u * j]), at.inside[2u * j]);
    let b = select(vec2f(), vec2f(fetched.x[2u * j + 1u]), at.inside[2u * j + 1u]);
    d[j] = fma(vec2f(sign), b, a);
  }
  var line = array<vec2f, 4>(d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]);
  for (var j = 0u; j < 4u; j++) { // unroll
    operands[i * 4u + j][c][slot / 4u][slot % 4u] = line[j].x;
    operands[i * 4u + j][c + 1u][slot / 4u][slot % 4u] = line[j].y;
  }
  for (var f = 0u; f < 2u; f++) { // unroll
    operands[thread / 32u + 8u * f][4u + thread % 32u / 8u][thread % 8u] = fetched.w[f];
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first = group.y * TILES;
  let k0 = group.x * FILTERS;

  // Rows of B^T d are d0 - d2, d1 + d2, d2 - d1 and d1 - d3. Unsigned, so that a place above
  // or left of the image is a large number.
  let i = thread / 64u;
  let tile = place_of_tile(min(first + thread % 64u / 2u, args.tiles - 1u));
  let taken = vec2u(select(min(i, 1u), 2u, i == 2u), select(min(3u - i, 2u), 3u, i == 3u));
  let v = tile.z - args.padding;
  var at: Place;
  for (var r = 0u; r < 2u; r++) { // unroll
    let h = tile.y - args.padding + taken[r];
    at.rows[r] = ((tile.x * args.H + h) * args.W + v) * 2u * args.C4 + thread % 2u;
    for (var j = 0u; j < 4u; j++) { // unroll
      at.inside[2u * j + r] = (h < args.H) & (v + j < args.W);
    }
  }
  let w_row = thread / 32u * 4u * args.C4 + thread % 32u / 8u;
  at.w = w_row * args.K4 + min(k0 + thread % 8u, args.K4 - 1u);

  let matrix = thread / 16u;
  let own_tile = thread % 4u;
  let own_filter = thread / 4u % 4u;
  var sum: array<vec4f, 16>;
  share(fetch(at, 0u), at, thread);
  workgroupBarrier();
  for (var c4 = 0u; c4 < args.C4; c4++) {
    let fetched = fetch(at, c4 + 1u);
    for (var c = 0u; c < 4u; c++) { // unroll on GPUs
      for (var f = 0u; f < 2u; f++) { // unroll
        let weight = operands[matrix][4u + c][own_filter + 4u * f];
        for (var g = 0u; g < 2u; g++) { // unroll
          let value = operands[matrix][c][own_tile + 4u * g];
          for (var e = 0u; e < 4u; e++) { // unroll
            sum[(4u * g + e) * 2u + f] =
              fma(vec4f(value[e]), weight, sum[(4u * g + e) * 2u + f]);
          }
        }
      }
    }
    workgroupBarrier();
    share(fetched, at, thread);
    workgroupBarrier();
  }

  // Output (p, q) of sixteen tiles and sixteen filters at a time: A^T m A, whose rows are
  // m0 + m1 + m2 and m1 - m2 - m3.
  let p = thread / 128u;
  let q = thread / 64u % 2u;
  let item = thread % 64u;
  for (var g = 0u; g < 2u; g++) { // unroll on GPUs
    for (var f = 0u; f < 2u; f++) { // unroll on GPUs
      for (var e = 0u; e < 4u; e++) { // unroll
        operands[matrix][2u * own_tile + e / 2u][e % 2u * 4u + own_filter] =
          sum[(4u * g + e) * 2u + f];
      }
      workgroupBarrier();
      var result = vec4f();
      for (var a = 0u; a < 3u; a++) { // unroll
        for (var b = 0u; b < 3u; b++) { // unroll
          let m = operands[(p + a) * 4u + q + b][item / 8u][item % 8u];
          let negative = (a > 0u && p == 1u) != (b > 0u && q == 1u);
          result += select(m, -m, negative);
        }
      }
      let number = first + 16u * g + item / 4u;
      let k = k0 + 4u * f + item % 4u;
      let to_tile = place_of_tile(number);
      let to_p = to_tile.y + p;
      let to_q = to_tile.z + q;
      if (number < args.tiles && k < args.K4 && to_p < args.P && to_q < args.Q) {
        let to = ((to_tile.x * args.P + to_p) * args.Q + to_q) * args.K4 + k;
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
      workgroupBarrier();
    }
  }
}
