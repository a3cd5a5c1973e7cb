// dx[n, h, v, c] = sum over r, s, k of dy[n, p, q, k] * w[r, s, k, c], for the
// output pixels (p, q) that saw (h, v) through tap (r, s):
//                  p*stride = h + padding - r,  q*stride = v + padding - s
//
// plus residual[n, h, v, c] if RESIDUAL, and 0 where mask[n, h, v, c] is not positive if
// MASK; without them those bindings hold dy and are not read.
//
// For any shape: dy (N, P, Q, K), w (R, S, K, C), its channels swapped, and
// dx (N, H, W, C). One invocation owns one element of dx.
//
// uses: linear_index, conv_problem

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> dy: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<Stored>;
@group(0) @binding(2) var<storage, read> residual: array<Stored>;
@group(0) @binding(3) var<storage, read> mask: array<Stored>;
@group(0) @binding(4) var<storage, read_write> dx: array<Stored>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.N * args.H * args.W * args.C) {
    return;
  }
  let c = index % args.C;
  let v = (index / args.C) % args.W;
  let h = (index / (args.C * args.W)) % args.H;
  let n = index / (args.C * args.W * args.H);
  var sum = 0.0;
  for (var r = 0u; r < args.R; r++) {
    // Unsigned, so that a row above the output wraps to a large number.
    let row = h + args.padding - r;
    let p = row / args.stride;
    if (row % args.stride != 0u || p >= args.P) {
      continue;
    }
    for (var s = 0u; s < args.S; s++) {
      let column = v + args.padding - s;
      let q = column / args.stride;
      if (column % args.stride != 0u || q >= args.Q) {
        continue;
      }
      let pixel = ((n * args.P + p) * args.Q + q) * args.K;
      let tap = (r * args.S + s) * args.K * args.C + c;
      for (var k = 0u; k < args.K; k++) {
        sum += f32(dy[pixel + k]) * f32(w[tap + k * args.C]);
      }
    }
  }
  if (RESIDUAL) {
    sum += f32(residual[index]);
  }
  if (MASK) {
    sum = select(sum, 0.0, f32(mask[index]) <= 0.0);
  }
  dx[index] = Stored(sum);
}
