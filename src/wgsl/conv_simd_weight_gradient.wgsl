// dw[b, r, s, c, k] = sum over the output pixels (n, p, q) of part b of
//                     x[n, p*stride + r - padding, q*stride + s - padding, c]
//                     * dy[n, p, q, k]
//
// For software adapters with subgroups of SUBGROUP (see conv_simd.wgsl). A lane
// owns four input channels and VEC4S * 4 filters; LANES lanes cover 4 * LANES
// channels, and where that is a part of a subgroup its parts take different rows. The
// lanes load different filters of dy and hand them round. TAPS neighboring filter
// columns share one window of x, which keeps KEPT columns as it moves on. UNROLLED
// output columns are taken at a time, and added to a sum one after the other.
//
// C4 and K4 count channels in vectors of four. Parts dw (parts, R, S, C, K) are added by a second
// dispatch in order. Idle lanes repeat the last channels instead of returning.

const SIDES = SUBGROUP / LANES;
const LOADS = (VEC4S + LANES - 1u) / LANES;
const WINDOW = (UNROLLED - 1u) * STRIDE + TAPS;

struct Arguments {
  H: u32,
  W: u32,
  C4: u32,
  K4: u32,
  P: u32,
  Q: u32,
  R: u32,
  S: u32,
  padding: u32,
  // Rows (n, p) in all, and per part.
  rows: u32,
  rows_per_part: u32,
  channel_blocks: u32,
  tap_groups: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> dy: array<Packed>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;
@group(0) @binding(3) var<uniform> args: Arguments;

// A pixel of the row that begins at `row`, and zeros outside the image.
fn column_of_x(row: u32, column: i32, row_inside: bool) -> vec4f {
  let inside = row_inside && column >= 0 && column < i32(args.W);
  return unpack(x[row + u32(clamp(column, 0, i32(args.W) - 1)) * args.C4]) *
    select(0.0, 1.0, inside);
}

@compute @workgroup_size(SUBGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tap = group.y % (args.R * args.tap_groups);
  let block = group.y / (args.R * args.tap_groups);
  let r = tap / args.tap_groups;
  let s = (tap % args.tap_groups) * TAPS;
  let k0 = (block / args.channel_blocks) * VEC4S;
  let c4 = (block % args.channel_blocks) * LANES + lane % LANES;
  let c = min(c4, args.C4 - 1u);
  let side = lane / LANES;

  var sum: array<vec4f, TAPS * 4u * VEC4S>;
  let end = min((group.x + 1u) * args.rows_per_part, args.rows);
  for (var top = group.x * args.rows_per_part; top < end; top += SIDES) {
    let row = min(top + side, args.rows - 1u);
    let n = row / args.P;
    let h = i32((row % args.P) * STRIDE + r) - i32(args.padding);
    let row_inside = top + side < end && h >= 0 && h < i32(args.H);
    let row_x = (n * args.H + u32(clamp(h, 0, i32(args.H) - 1))) * args.W * args.C4 + c;
    let row_dy = row * args.Q * args.K4;
    var value: array<vec4f, WINDOW>;
    for (var j = 0u; j < KEPT; j++) { // unroll
      value[j] = column_of_x(row_x, i32(s + j) - i32(args.padding), row_inside);
    }
    for (var q = 0u; q < args.Q; q += UNROLLED) {
      let v = i32(q * STRIDE + s + KEPT) - i32(args.padding);
      for (var j = 0u; j < WINDOW - KEPT; j++) { // unroll
        value[KEPT + j] = column_of_x(row_x, v + i32(j), row_inside);
      }
      var cotangent: array<vec4f, UNROLLED * LOADS>;
      for (var u = 0u; u < UNROLLED; u++) { // unroll
        for (var j = 0u; j < LOADS; j++) { // unroll
          let k = min(k0 + (lane % LANES) % VEC4S + j * LANES, args.K4 - 1u);
          cotangent[u * LOADS + j] =
            unpack(dy[row_dy + min(q + u, args.Q - 1u) * args.K4 + k]) *
            select(0.0, 1.0, q + u < args.Q);
        }
      }
      for (var f = 0u; f < VEC4S; f++) { // unroll
        var shared_dy: array<vec4f, UNROLLED>;
        for (var u = 0u; u < UNROLLED; u++) { // unroll
          let own = cotangent[u * LOADS + f / LANES];
          if (SIDES == 1u) {
            shared_dy[u] = subgroupBroadcast(own, f % LANES);
          } else if (LANES == 1u) {
            shared_dy[u] = own;
          } else {
            shared_dy[u] = subgroupShuffle(own, side * LANES + f % LANES);
          }
        }
        for (var t = 0u; t < TAPS; t++) { // unroll
          for (var e = 0u; e < 4u; e++) { // unroll
            for (var u = 0u; u < UNROLLED; u++) { // unroll
              sum[(t * 4u + e) * VEC4S + f] +=
                shared_dy[u] * value[u * STRIDE + t][e];
            }
          }
        }
      }
      for (var j = 0u; j < KEPT; j++) { // unroll
        value[j] = value[UNROLLED * STRIDE + j];
      }
    }
  }

  if (c4 < args.C4) {
    let part = group.x * SIDES + side;
    let first = ((part * args.R + r) * args.S + s) * 4u * args.C4 + c4 * 4u;
    // Not unrolled: it runs once, and written out it takes most of the time to compile.
    var result = sum;
    for (var i = 0u; i < TAPS * 4u * VEC4S; i++) {
      let f = i % VEC4S;
      let e = i / VEC4S;
      if (k0 + f < args.K4) {
        dw[(first + (e / 4u) * 4u * args.C4 + e % 4u) * args.K4 + k0 + f] = result[i];
      }
    }
  }
}
