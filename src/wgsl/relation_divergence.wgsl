// y = p log((p + e) / (q + e)) + (1 - p) log((1 - p + e) / (1 - q + e)),
// elementwise, with e = epsilon: how much two Bernoulli distributions differ.
//
// One invocation per element. Both terms are of the order of p - q, their sum of
// its square: hence the logarithm that is given the difference.
//
// uses: linear_index, log_ratio

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> p: array<f32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size) {
    return;
  }
  let a = p[i];
  let b = q[i];
  let e = args.epsilon;
  y[i] = a * log_ratio(a + e, b + e, a - b) +
    (1.0 - a) * log_ratio(1.0 - a + e, 1.0 - b + e, b - a);
}
