// m[i, l, q, k] = sum over c of products in tiles of 4 outputs of a line: the transform of
// v[i, l, q - padding.., c] along line l, times the transformed filters u[i, j, c, k], and
// transformed back along the line. What is transformed along a line is never stored. A line
// is what 4 rows of an image became down its columns in winograd_lines_input.wgsl, and
// winograd_lines_output.wgsl makes 4 rows of it again.
//
// For GPUs. One workgroup owns 32 tiles and 16 * VECTORS filters in the six matrices of a row
// i. As many threads own a matrix, each of them four tiles and a quarter of the filters. A
// step adds four channels; a thread transforms those of a tile for its matrix on their way into
// workgroup memory, where a row is a sum of no more than four of six inputs. In the end two
// tiles of a thread at a time go through it, to threads that own half of a tile's outputs.
//
// Tiles and filters that do not exist take the place of the last ones, and are not stored.
// What lies outside of a line takes the place of what lies at its end, times zero. No thread
// branches in a step, which would keep compilers from fetching ahead; so every thread
// fetches as many filters, and what is one too many is stored where nobody reads it. UNROLLED
// steps, which divide those of all channels, are written out.
//
// uses: winograd_4

const TILES = 32u;
const THREADS = 192u;
// Vectors of filters that a thread fetches, and that a channel has room for.
const FETCHED = (VECTORS + 1u) / 2u;
const ROOM = 2u * FETCHED;

struct Arguments {
  W: u32,
  Q: u32,
  // Channels and filters in vectors of four.
  C4: u32,
  K4: u32,
  padding: u32,
  // Lines, tiles of a line, and all tiles.
  lines: u32,
  wide: u32,
  tiles: u32,
}

@group(0) @binding(0) var<storage, read> v: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<uniform> args: Arguments;

// Four channels of every matrix: tiles in vectors of four, and filters. Nested, so that a
// thread's place is the only index that changes.
var<workgroup> left: array<array<array<vec4f, 8>, 4>, 6>;
var<workgroup> right: array<array<array<array<vec4f, 4>, ROOM>, 4>, 6>;

// What a thread fetches: where four inputs of its tile and its filters lie.
struct Place {
  v: array<u32, 4>,
  u: array<u32, FETCHED>,
}

// Values on their way.
struct Fetched {
  v: array<vec4f, 4>,
  u: array<vec4f, FETCHED>,
}

fn fetch(at: Place, c4: u32) -> Fetched {
  var fetched: Fetched;
  for (var t = 0u; t < 4u; t++) { // unroll
    fetched.v[t] = v[at.v[t] + c4];
  }
  for (var f = 0u; f < FETCHED; f++) { // unroll
    fetched.u[f] = u[at.u[f] + 4u * c4 * args.K4];
  }
  return fetched;
}

// The inputs of row j of B^T, as in `input_line`.
fn taps_of(j: u32) -> vec4u {
  let last = select(vec4u(1u, 2u, 3u, 4u), vec4u(1u, 3u, 5u, 5u), j == 5u);
  return select(last, vec4u(0u, 2u, 4u, 4u), j == 0u);
}

// What they are multiplied with.
fn factors_of(j: u32) -> vec4f {
  let own = select(FAR, NEAR, j < 3u);
  let other = select(NEAR2, FAR2, j < 3u);
  let odd = select(-own, own, j % 2u == 1u);
  return select(
    vec4f(-odd * other, -other, odd, 1.0),
    vec4f(NEAR2 * FAR2, -(NEAR2 + FAR2), 1.0, 0.0),
    j == 0u || j == 5u,
  );
}

// Transforms what was fetched, and puts it where all threads read it.
fn share(fetched: Fetched, factors: vec4f, thread: u32) {
  let value = factors.x * fetched.v[0] + factors.y * fetched.v[1] + factors.z * fetched.v[2] +
    factors.w * fetched.v[3];
  for (var c = 0u; c < 4u; c++) { // unroll
    left[thread / 32u][c][thread / 4u % 8u][thread % 4u] = value[c];
  }
  for (var f = 0u; f < FETCHED; f++) { // unroll
    right[thread / 32u][thread / 8u % 4u][2u * f + thread / 4u % 2u][thread % 4u] = fetched.u[f];
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first = group.y * TILES;
  let k0 = group.x * (4u * VECTORS);
  let i = group.z;
  let matrix = thread / 32u;

  // Unsigned, so that a place before the line is a large number.
  let tile = min(first + thread % 32u, args.tiles - 1u);
  let line = (i * args.lines + tile / args.wide) * args.W;
  let taps = tile % args.wide * 4u - args.padding + taps_of(matrix);
  let factors = select(vec4f(), factors_of(matrix), taps < vec4u(args.W));
  let row = ((i * 6u + matrix) * 4u * args.C4 + thread / 8u % 4u) * args.K4;
  var at: Place;
  for (var t = 0u; t < 4u; t++) { // unroll
    at.v[t] = (line + min(taps[t], args.W - 1u)) * args.C4;
  }
  for (var f = 0u; f < FETCHED; f++) { // unroll
    let k = min(8u * f + thread % 8u, 4u * VECTORS - 1u);
    at.u[f] = row + min(k0 + k, args.K4 - 1u);
  }

  let own_tile = thread % 8u;
  let own_filter = thread / 8u % 4u;
  var sum: array<vec4f, 4u * VECTORS>;
  share(fetch(at, 0u), factors, thread);
  workgroupBarrier();
  for (var done = 0u; done < args.C4; done += UNROLLED) {
    for (var s = 0u; s < UNROLLED; s++) { // unroll on GPUs
      let fetched = fetch(at, done + s + 1u);
      for (var c = 0u; c < 4u; c++) { // unroll on GPUs
        let value = left[matrix][c][own_tile];
        for (var f = 0u; f < VECTORS; f++) { // unroll
          let weight = right[matrix][c][f][own_filter];
          for (var e = 0u; e < 4u; e++) { // unroll
            sum[e * VECTORS + f] = fma(vec4f(value[e]), weight, sum[e * VECTORS + f]);
          }
        }
      }
      workgroupBarrier();
      share(fetched, factors, thread);
      workgroupBarrier();
    }
  }

  // Outputs 0 and 2 of sixteen tiles and filters, and outputs 1 and 3.
  let odd = thread / 64u;
  let source = vec2u(thread % 64u / 16u, thread / 4u % 4u);
  for (var e = 0u; e < 4u; e += 2u) { // unroll on GPUs
    for (var f = 0u; f < VECTORS; f++) { // unroll on GPUs
      right[matrix][own_filter][own_tile / 4u][own_tile % 4u] = sum[e * VECTORS + f];
      right[matrix][own_filter][2u + own_tile / 4u][own_tile % 4u] = sum[(e + 1u) * VECTORS + f];
      workgroupBarrier();
      if (odd < 2u) {
        var d: array<Lane, 6>;
        for (var j = 0u; j < 6u; j++) { // unroll
          d[j] = right[j][thread % 4u][source.x][source.y];
        }
        let outputs = output_line(d);
        let to = first + (source.x % 2u * 4u + source.y) * 4u + e + source.x / 2u;
        let q = to % args.wide * 4u + odd;
        let k = k0 + 4u * f + thread % 4u;
        let element = ((i * args.lines + to / args.wide) * args.Q + q) * args.K4 + k;
        let exists = to < args.tiles && k < args.K4;
        if (exists && q < args.Q) {
          m[element] = select(outputs[0], outputs[1], odd == 1u);
        }
        if (exists && q + 2u < args.Q) {
          m[element + 2u * args.K4] = select(outputs[2], outputs[3], odd == 1u);
        }
      }
      workgroupBarrier();
    }
  }
}
