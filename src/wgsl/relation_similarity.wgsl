// s[i, j] = sum of u[i, d] * u[j, d] over d, for all pairs of rows of u (N, D).
//
// One invocation per pair.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> u: array<f32>;
@group(0) @binding(1) var<storage, read_write> s: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.rows * args.rows) {
    return;
  }
  let left = index / args.rows * args.columns;
  let right = index % args.rows * args.columns;
  var sum = 0.0;
  for (var d = 0u; d < args.columns; d++) {
    sum += u[left + d] * u[right + d];
  }
  s[index] = sum;
}
