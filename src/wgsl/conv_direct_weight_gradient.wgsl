// dw[b, r, s, c, k] = sum over the output pixels (n, p, q) of chunk b of
//                     x[n, p*stride + r - padding, q*stride + s - padding, c]
//                     * dy[n, p, q, k]
//
// For any shape: x (N, H, W, C), dy (N, P, Q, K), partial sums dw
// (chunks, R, S, C, K) that a second dispatch adds in order. One invocation owns
// one weight in one chunk.
//
// uses: linear_index, conv_problem

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let weights = args.R * args.S * args.C * args.K;
  let pixels = args.N * args.P * args.Q;
  let first = (index / weights) * args.chunk;
  if (first >= pixels) {
    return;
  }
  let k = index % args.K;
  let c = (index / args.K) % args.C;
  let s = (index / (args.K * args.C)) % args.S;
  let r = (index / (args.K * args.C * args.S)) % args.R;
  let last = min(first + args.chunk, pixels);
  var sum = 0.0;
  for (var pixel = first; pixel < last; pixel++) {
    let q = pixel % args.Q;
    let p = (pixel / args.Q) % args.P;
    let n = pixel / (args.Q * args.P);
    let h = p * args.stride + r - args.padding;
    let v = q * args.stride + s - args.padding;
    if (h < args.H && v < args.W) {
      let place = ((n * args.H + h) * args.W + v) * args.C + c;
      sum += f32(x[place]) * f32(dy[pixel * args.K + k]);
    }
  }
  dw[index] = sum;
}
