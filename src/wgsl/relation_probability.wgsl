// p[i, j] = a[i, j] / (sum of a[k, j] over k), with the affinities
// a[i, j] = 2 + s[i, j] - (max of s[k, j] over k != j) and a[j, j] = self_affinity.
//
// One invocation per column of s (N, N), the similarities. The nearest neighbor has
// affinity 2. The diagonal of s is never read, so nothing cancels there.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  self_affinity: f32,
}

@group(0) @binding(0) var<storage, read> s: array<f32>;
@group(0) @binding(1) var<storage, read_write> p: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let j = linear_index(id, groups);
  if (j >= args.rows) {
    return;
  }
  var nearest = s[select(0u, args.rows, j == 0u) + j];
  for (var i = 0u; i < args.rows; i++) {
    if (i != j) {
      nearest = max(nearest, s[i * args.rows + j]);
    }
  }
  var sum = args.self_affinity;
  for (var i = 0u; i < args.rows; i++) {
    if (i != j) {
      sum += 2.0 + (s[i * args.rows + j] - nearest);
    }
  }
  for (var i = 0u; i < args.rows; i++) {
    let affinity = 2.0 + (s[i * args.rows + j] - nearest);
    p[i * args.rows + j] = select(affinity, args.self_affinity, i == j) / sum;
  }
}
