// ds[i, j] = dm[j] where i is the first i != j with the largest s[i, j], else 0.
//
// One invocation per column of s (N, N).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> dm: array<f32>;
@group(0) @binding(1) var<storage, read> s: array<f32>;
@group(0) @binding(2) var<storage, read_write> ds: array<f32>;
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
  var nearest = select(0u, 1u, j == 0u);
  for (var i = 0u; i < args.rows; i++) {
    ds[i * args.rows + j] = 0.0;
    if (i != j && s[i * args.rows + j] > s[nearest * args.rows + j]) {
      nearest = i;
    }
  }
  ds[nearest * args.rows + j] = dm[j];
}
