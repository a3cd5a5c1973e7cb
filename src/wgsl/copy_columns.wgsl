// y[o, to + i] = x[o, from + i] for i below columns: a run of columns of x (outer,
// x_columns) into y (outer, y_columns). One invocation owns one number.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  columns: u32,
  x_columns: u32,
  y_columns: u32,
  first_x: u32,
  first_y: u32,
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
  if (index >= args.outer * args.columns) {
    return;
  }
  let o = index / args.columns;
  let i = index % args.columns;
  y[o * args.y_columns + args.first_y + i] =
    x[o * args.x_columns + args.first_x + i];
}
