// y[n, p, q, k] = sum over r, s, c of x[n, h, v, c] * w[r, s, c, k], plus shift[k] if
// SHIFT, plus residual[n, p, q, k] if RESIDUAL, limited below by 0 if RELU, and 0 where
// mask[n, p, q, k] is not positive if MASK; forward or, with `transposed`, as the input
// gradient (x is dy, w has its channels swapped).
//
// For software adapters with subgroups of LANES, where a subgroup is a SIMD
// register: a load of a different address per lane costs forty multiply-adds. Every
// lane owns PIXELS neighboring output pixels of one row and COLUMNS filters; the
// lanes load different weights and hand them round by broadcasts, so one load yields
// as many as there are lanes. The loop body must stay below about 28 KB of machine code.
//
// C4 and K4 count channels in vectors of four. A pixel outside the image is read at the nearest place
// and multiplied by 0. In the input gradient of a strided convolution, output pixels
// of one phase see every `phases`-th tap only; phases are the grid's third dimension.
// Idle lanes repeat the last pixels instead of returning, since others need them.

const VEC4S = COLUMNS / 4u;
const LOADS = COLUMNS / LANES;

struct Arguments {
  H: u32,
  W: u32,
  C4: u32,
  K4: u32,
  P: u32,
  Q: u32,
  // Groups of PIXELS per row, and in all.
  row_groups: u32,
  groups: u32,
  R: u32,
  S: u32,
  stride: u32,
  phases: u32,
  padding: u32,
  transposed: u32,
  out_H: u32,
  out_W: u32,
  has_shift: u32,
  has_residual: u32,
  has_mask: u32,
  has_relu: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> w: array<Packed>;
@group(0) @binding(2) var<storage, read> shift: array<Packed>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read> mask: array<Packed>;
@group(0) @binding(5) var<storage, read_write> y: array<Packed>;
@group(0) @binding(6) var<uniform> args: Arguments;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let own = group.x * LANES + lane;
  let live = own < args.groups;
  let place = min(own, args.groups - 1u);
  let k0 = group.y * VEC4S;
  let q0 = (place % args.row_groups) * PIXELS;
  let p = (place / args.row_groups) % args.P;
  let n = place / (args.row_groups * args.P);

  // The first tap that this phase sees, and the pixel that it sees there.
  let transposed = args.transposed != 0u;
  let phase_h = group.z / args.phases;
  let phase_v = group.z % args.phases;
  let direction = select(1, -1, transposed);
  let r0 = select(0u, (phase_h + args.padding) % args.phases, transposed);
  let s0 = select(0u, (phase_v + args.padding) % args.phases, transposed);
  let h0 = i32(p * args.stride) + select(
    -i32(args.padding),
    i32((phase_h + args.padding) / args.phases),
    transposed,
  );
  let v0 = i32(q0 * args.stride) + select(
    -i32(args.padding),
    i32((phase_v + args.padding) / args.phases),
    transposed,
  );

  // This lane's share of the COLUMNS filters of four channels.
  let lane_w = (lane / VEC4S) * args.K4 + min(k0 + lane % VEC4S, args.K4 - 1u);
  let stride_w = (LANES / VEC4S) * args.K4;

  var sum: array<vec4f, PIXELS * VEC4S>;
  var h = h0;
  for (var r = r0; r < args.R; r += args.phases) {
    let row_inside = live && h >= 0 && h < i32(args.H);
    let row = (n * args.H + u32(clamp(h, 0, i32(args.H) - 1))) * args.W;
    var v = v0;
    for (var s = s0; s < args.S; s += args.phases) {
      var inside: array<f32, PIXELS>;
      var pixel: array<u32, PIXELS>;
      for (var i = 0u; i < PIXELS; i++) { // unroll
        let column = v + i32(i * args.stride);
        inside[i] = select(0.0, 1.0, row_inside && column >= 0 && column < i32(args.W));
        pixel[i] = (row + u32(clamp(column, 0, i32(args.W) - 1))) * args.C4;
      }
      var tap = (r * args.S + s) * 4u * args.C4 * args.K4 + lane_w;
      for (var c = 0u; c < args.C4; c++) {
        var value: array<vec4f, PIXELS>;
        for (var i = 0u; i < PIXELS; i++) { // unroll
          value[i] = unpack(x[pixel[i] + c]) * inside[i];
        }
        var weight: array<vec4f, LOADS>;
        for (var j = 0u; j < LOADS; j++) { // unroll
          weight[j] = unpack(w[tap + j * stride_w]);
        }
        tap += 4u * args.K4;
        for (var f = 0u; f < VEC4S; f++) { // unroll
          for (var e = 0u; e < 4u; e++) { // unroll
            let shared_weight = subgroupBroadcast(
              weight[(e * VEC4S + f) / LANES],
              (e * VEC4S + f) % LANES,
            );
            for (var i = 0u; i < PIXELS; i++) { // unroll
              sum[i * VEC4S + f] += shared_weight * value[i][e];
            }
          }
        }
      }
      v += direction;
    }
    h += direction;
  }

  let out_h = p * args.phases + phase_h;
  let out_v = q0 * args.phases + phase_v;
  let first = ((n * args.out_H + out_h) * args.out_W + out_v) * args.K4 + k0;
  // Not unrolled: it runs once, and written out it takes most of the time to compile.
  var result = sum;
  for (var i = 0u; i < PIXELS * VEC4S; i++) {
    let pixel = i / VEC4S;
    let f = i % VEC4S;
    let inside = out_h < args.out_H && out_v + pixel * args.phases < args.out_W;
    if (live && inside && k0 + f < args.K4) {
      let at = first + pixel * args.phases * args.K4 + f;
      var value = result[i];
      if (args.has_shift != 0u) {
        value += unpack(shift[k0 + f]);
      }
      if (args.has_residual != 0u) {
        value += unpack(residual[at]);
      }
      if (args.has_relu != 0u) {
        value = select(value, vec4f(), value < vec4f());
      }
      if (args.has_mask != 0u) {
        value = select(value, vec4f(), unpack(mask[at]) <= vec4f());
      }
      y[at] = pack(value);
    }
  }
}
