// du[i, d] = sum of (ds[i, j] + ds[j, i]) * u[j, d] over j, for s = u u^T, u (N,
// D).
//
// One invocation per element of du.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> ds: array<f32>;
@group(0) @binding(1) var<storage, read> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> du: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.rows * args.columns) {
    return;
  }
  let i = index / args.columns;
  let d = index % args.columns;
  var sum = 0.0;
  for (var j = 0u; j < args.rows; j++) {
    let both = ds[i * args.rows + j] + ds[j * args.rows + i];
    sum += both * u[j * args.columns + d];
  }
  du[index] = sum;
}
