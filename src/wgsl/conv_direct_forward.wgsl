// y[n, p, q, k] = sum over r, s, c of x[n, p*stride + r - padding,
//                 q*stride + s - padding, c] * w[r, s, c, k]
//                 plus shift[k] if SHIFT, plus residual[n, p, q, k] if RESIDUAL,
//                 limited below by 0 if RELU
//
// For any shape: x (N, H, W, C), w (R, S, C, K), y (N, P, Q, K). One
// invocation owns one output element; neighbors own neighboring filters k, so
// they read the same pixel and adjacent weights. Without shift or residual those
// bindings hold w and x and are not read. Products and sums are f32.
//
// uses: linear_index, conv_problem

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<Stored>;
@group(0) @binding(2) var<storage, read> shift: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.N * args.P * args.Q * args.K) {
    return;
  }
  let k = index % args.K;
  let q = (index / args.K) % args.Q;
  let p = (index / (args.K * args.Q)) % args.P;
  let n = index / (args.K * args.Q * args.P);
  var sum = 0.0;
  for (var r = 0u; r < args.R; r++) {
    // Unsigned, so that a row above the image wraps to a large number.
    let h = p * args.stride + r - args.padding;
    if (h >= args.H) {
      continue;
    }
    for (var s = 0u; s < args.S; s++) {
      let v = q * args.stride + s - args.padding;
      if (v >= args.W) {
        continue;
      }
      let pixel = ((n * args.H + h) * args.W + v) * args.C;
      let tap = (r * args.S + s) * args.C * args.K + k;
      for (var c = 0u; c < args.C; c++) {
        sum += f32(x[pixel + c]) * f32(w[tap + c * args.K]);
      }
    }
  }
  if (SHIFT) {
    sum += shift[k];
  }
  if (RESIDUAL) {
    sum += f32(residual[index]);
  }
  if (RELU) {
    sum = select(sum, 0.0, sum < 0.0);
  }
  y[index] = Stored(sum);
}
