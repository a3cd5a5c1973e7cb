// p[i, j] = (2 + s[i, j] - m[j]) / z[j] for i != j, and
// p[j, j] = (self_affinity - self_slope * m[j]) / z[j], with
// z[j] = self_summed + the sum of 2 + s[k, j] - m[j] over k != j.
//
// One invocation per column of s (N, N), the similarities; m (N).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  self_affinity: f32,
  self_slope: f32,
  self_summed: f32,
}

@group(0) @binding(0) var<storage, read> s: array<f32>;
@group(0) @binding(1) var<storage, read> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> p: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let j = linear_index(id, groups);
  if (j >= args.rows) {
    return;
  }
  var z = args.self_summed;
  for (var i = 0u; i < args.rows; i++) {
    if (i != j) {
      z += 2.0 + (s[i * args.rows + j] - m[j]);
    }
  }
  let own = args.self_affinity - args.self_slope * m[j];
  for (var i = 0u; i < args.rows; i++) {
    let affinity = 2.0 + (s[i * args.rows + j] - m[j]);
    p[i * args.rows + j] = select(affinity, own, i == j) / z;
  }
}
