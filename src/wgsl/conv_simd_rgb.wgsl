// y = x * w for images x (N, H, W, 3) and filters w (3, 3, 3, FILTERS) with stride 1 and
// one row and column of zeros around, plus shift[k] if SHIFT, plus residual if RESIDUAL,
// limited below by 0 if RELU.
//
// For software adapters with subgroups of 8 (see conv_simd.wgsl). Three
// channels make a run of eight pixels and its neighbors 30 numbers side by side, which
// the eight lanes load at once, four each, and hand round by broadcasts. A lane owns
// two of a workgroup's 16 filters, and keeps their weights. A workgroup owns a few rows.
// At the end, neighboring lanes exchange sums, so that each has four filters to write.
//
// W is a multiple of 4, so that a run of eight pixels begins at one number before a
// multiple of four; the first and last of its 32 numbers are not used.

struct Arguments {
  H: u32,
  W: u32,
  P: u32,
  Q: u32,
  rows: u32,
  rows_per_group: u32,
}

const PIXELS = 8u;
const K4 = FILTERS / 4u;

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<uniform> w: array<vec4f, FILTERS * 27u / 4u>;
@group(0) @binding(2) var<storage, read> shift: array<vec2f>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read_write> y: array<Packed>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let filters = group.y * 8u + lane;
  var weight: array<vec2f, 27>;
  for (var i = 0u; i < 27u; i++) { // unroll
    let four = w[i * (FILTERS / 4u) + filters / 2u];
    weight[i] = select(four.zw, four.xy, filters % 2u == 0u);
  }
  var added = vec2f();
  if (SHIFT) {
    added = shift[filters];
  }
  let end = min((group.x + 1u) * args.rows_per_group, args.rows);
  for (var row = group.x * args.rows_per_group; row < end; row++) {
    let n = row / args.P;
    let top = i32(row % args.P) - 1;
    for (var q = 0u; q < args.Q; q += PIXELS) {
      // The place of this lane's first number, in its row.
      let place = i32(q * 3u + lane * 4u) - 4;
      let places = place + vec4i(0, 1, 2, 3);
      let inside = (places >= vec4i()) & (places < vec4i(i32(args.W * 3u)));
      var sum: array<vec2f, PIXELS>;
      for (var i = 0u; i < PIXELS; i++) { // unroll
        sum[i] = added;
      }
      for (var r = 0u; r < 3u; r++) { // unroll
        let h = top + i32(r);
        let live = h >= 0 && h < i32(args.H);
        let start = i32((n * args.H + u32(clamp(h, 0, i32(args.H) - 1))) * args.W * 3u);
        let loaded = unpack(x[max(start + place, 0) / 4]);
        let value = select(vec4f(), loaded, inside & vec4(live));
        for (var v = 0u; v < PIXELS + 2u; v++) { // unroll
          for (var c = 0u; c < 3u; c++) { // unroll
            let shared_value = subgroupBroadcast(
              value[(1u + v * 3u + c) % 4u],
              (1u + v * 3u + c) / 4u,
            );
            for (var s = 0u; s < 3u; s++) { // unroll
              if (v >= s && v - s < PIXELS) {
                sum[(v + PIXELS - s) % PIXELS] += shared_value * weight[(r * 3u + s) * 3u + c];
              }
            }
          }
        }
      }
      let even = lane % 2u == 0u;
      for (var i = 0u; i < PIXELS; i += 2u) { // unroll
        let got = subgroupShuffleXor(select(sum[i], sum[i + 1u], even), 1u);
        var result = select(vec4f(got, sum[i + 1u]), vec4f(sum[i], got), even);
        let pixel = q + i + lane % 2u;
        if (pixel < args.Q) {
          let at = (row * args.Q + pixel) * K4 + filters / 2u;
          if (RESIDUAL) {
            result += unpack(residual[at]);
          }
          if (RELU) {
            result = select(result, vec4f(), result < vec4f());
          }
          y[at] = pack(result);
        }
      }
    }
  }
}
