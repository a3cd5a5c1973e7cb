// dx, the input gradient of a convolution with filters of 3x3, stride 2 and one row and
// column of zeros before the first, from 32 channels of dy at a time:
//
//   dx[2i,   2j] = dy[i, j] w[1, 1]
//   dx[2i,   2j+1] = dy[i, j] w[1, 2] + dy[i, j+1] w[1, 0]
//   dx[2i+1, 2j] = dy[i, j] w[2, 1] + dy[i+1, j] w[0, 1]
//   dx[2i+1, 2j+1] = dy[i, j] w[2, 2] + dy[i, j+1] w[2, 0]
//                  + dy[i+1, j] w[0, 2] + dy[i+1, j+1] w[0, 0]
//
// plus what dx holds if has_sum, plus a residual, and 0 where a mask is not positive.
//
// For software adapters with subgroups of 8 (see conv_simd_winograd.wgsl). A lane
// keeps the weights of two of a workgroup's 16 channels of dx. A workgroup walks along
// rows of dy: the lanes load a pixel's 32 channels and hand them round by broadcasts. At
// the end, neighboring lanes exchange sums, so that each has four channels to write.
//
// dy is (N, P, Q, K), dx (N, H, W, C), w as conv_simd_stride2_filters.wgsl orders it.

struct Arguments {
  H: u32,
  W: u32,
  P: u32,
  Q: u32,
  K: u32,
  // The first of the channels of dy, in vectors of four.
  first: u32,
  // Rows of cells (i, j): of an image, of all images, and per workgroup.
  rows_per_image: u32,
  rows: u32,
  rows_per_group: u32,
  has_sum: u32,
  has_residual: u32,
  has_mask: u32,
}

const LANES = 8u;
const C4 = CHANNELS / 4u;
const WEIGHTS = 288u;

@group(0) @binding(0) var<storage, read> dy: array<Packed>;
@group(0) @binding(1) var<uniform> w: array<vec4f, CHANNELS * 72u>;
@group(0) @binding(2) var<storage, read> residual: array<Packed>;
@group(0) @binding(3) var<storage, read> mask: array<Packed>;
@group(0) @binding(4) var<storage, read_write> dx: array<Packed>;
@group(0) @binding(5) var<uniform> args: Arguments;

// Four channels of one of two places, from two channels of both: of the first one in an
// even lane, else of the second one.
fn exchanged(first: vec2f, second: vec2f, even: bool) -> vec4f {
  let got = subgroupShuffleXor(select(first, second, even), 1u);
  return select(vec4f(got, second), vec4f(first, got), even);
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Of tap t and channel k of dy: weight[t * 32 + k].
  // Not unrolled: loads written out take most of the time to compile.
  var loads: array<vec2f, WEIGHTS>;
  for (var i = 0u; i < WEIGHTS; i += 2u) {
    let loaded = w[(group.y * (WEIGHTS / 2u) + i / 2u) * LANES + lane];
    loads[i] = loaded.xy;
    loads[i + 1u] = loaded.zw;
  }
  var weight: array<vec2f, WEIGHTS>;
  for (var i = 0u; i < WEIGHTS; i++) { // unroll
    weight[i] = loads[i];
  }
  let K4 = args.K / 4u;
  let channels = args.first + lane;
  let end = min((group.x + 1u) * args.rows_per_group, args.rows);
  for (var row = group.x * args.rows_per_group; row < end; row++) {
    let n = row / args.rows_per_image;
    let i = row % args.rows_per_image;
    let upper = (n * args.P + min(i, args.P - 1u)) * args.Q;
    let lower = (n * args.P + min(i + 1u, args.P - 1u)) * args.Q;
    let in_upper = select(0.0, 1.0, i < args.P);
    let in_lower = select(0.0, 1.0, i + 1u < args.P);
    var a = unpack(dy[upper * K4 + channels]) * in_upper;
    var b = unpack(dy[lower * K4 + channels]) * in_lower;
    for (var j = 0u; 2u * j < args.W; j++) {
      let next = min(j + 1u, args.Q - 1u);
      let inside = select(0.0, 1.0, j + 1u < args.Q);
      let c = unpack(dy[(upper + next) * K4 + channels]) * (in_upper * inside);
      let d = unpack(dy[(lower + next) * K4 + channels]) * (in_lower * inside);
      // In two parts, which is faster, and errs less.
      var part = array<vec2f, 8>();
      for (var k = 0u; k < 32u; k++) { // unroll
        let own = subgroupBroadcast(a[k % 4u], k / 4u);
        part[k % 2u] += own * weight[4u * 32u + k];
        part[2u + k % 2u] += own * weight[5u * 32u + k];
        part[4u + k % 2u] += own * weight[7u * 32u + k];
        part[6u + k % 2u] += own * weight[8u * 32u + k];
        let right = subgroupBroadcast(c[k % 4u], k / 4u);
        part[2u + k % 2u] += right * weight[3u * 32u + k];
        part[6u + k % 2u] += right * weight[6u * 32u + k];
        let below = subgroupBroadcast(b[k % 4u], k / 4u);
        part[4u + k % 2u] += below * weight[1u * 32u + k];
        part[6u + k % 2u] += below * weight[2u * 32u + k];
        part[6u + k % 2u] += subgroupBroadcast(d[k % 4u], k / 4u) * weight[k];
      }
      a = c;
      b = d;
      for (var s = 0u; s < 2u; s++) { // unroll
        var result = exchanged(
          part[4u * s] + part[4u * s + 1u],
          part[4u * s + 2u] + part[4u * s + 3u],
          lane % 2u == 0u,
        );
        let h = 2u * i + s;
        let v = 2u * j + lane % 2u;
        if (h < args.H && v < args.W) {
          let at = ((n * args.H + h) * args.W + v) * C4 + group.y * (LANES / 2u) + lane / 2u;
          if (args.has_sum != 0u) {
            result += unpack(dx[at]);
          }
          if (args.has_residual != 0u) {
            result += unpack(residual[at]);
          }
          if (args.has_mask != 0u) {
            result = select(result, vec4f(), unpack(mask[at]) <= vec4f());
          }
          dx[at] = pack(result);
        }
      }
    }
  }
}
