// dq = dy * ((1 - p) / (1 - q + e) - p / (q + e)), elementwise, with e = epsilon:
// the derivative of the divergence to its second argument.
//
// One invocation per element. The two terms nearly cancel, so they are taken over
// one denominator, which leaves q - p.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> p: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read_write> dq: array<f32>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size) {
    return;
  }
  let difference = (q[i] - p[i]) + args.epsilon * (1.0 - 2.0 * p[i]);
  let denominator = (q[i] + args.epsilon) * (1.0 - q[i] + args.epsilon);
  dq[i] = dy[i] * difference / denominator;
}
