// y[n, c] = table[rows[n], c], for y (N, columns). One invocation owns one number.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.size) {
    return;
  }
  y[index] = table[rows[index / args.columns] * args.columns + index % args.columns];
}
