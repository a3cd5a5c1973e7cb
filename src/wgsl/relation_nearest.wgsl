// m[j] = the largest s[i, j] over i != j: the similarity of row j's nearest neighbor.
//
// One invocation per column of s (N, N).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> s: array<f32>;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
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
  m[j] = nearest;
}
