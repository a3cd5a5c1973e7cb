// y[n, p, q, c] = the mean over a window of x, with zeros outside of the image: r and s
// below window_size at (p stride + r - padding, q stride + s - padding). x is
// (N, H, W, C), y (N, P, Q, C). One invocation owns one number of y.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  N: u32,
  H: u32,
  W: u32,
  C: u32,
  P: u32,
  Q: u32,
  window_size: u32,
  stride: u32,
  padding: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.N * args.P * args.Q * args.C) {
    return;
  }
  let c = index % args.C;
  let q = index / args.C % args.Q;
  let p = index / (args.C * args.Q) % args.P;
  let n = index / (args.C * args.Q * args.P);
  var sum = 0.0;
  for (var r = 0u; r < args.window_size; r++) {
    for (var s = 0u; s < args.window_size; s++) {
      // Unsigned, so that a place before the image wraps to a large number.
      let h = p * args.stride + r - args.padding;
      let w = q * args.stride + s - args.padding;
      if (h < args.H && w < args.W) {
        sum += f32(x[((n * args.H + h) * args.W + w) * args.C + c]);
      }
    }
  }
  y[index] = Stored(sum / f32(args.window_size * args.window_size));
}
