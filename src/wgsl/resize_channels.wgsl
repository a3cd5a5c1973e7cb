// y[o, a, b] = x[o, a, b] where both have that element, else 0: x (outer, rows,
// columns) padded or cut to y (outer, to_rows, to_columns).
//
// Brings channels to a multiple of four for the kernels that take four at a time.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  rows: u32,
  columns: u32,
  to_rows: u32,
  to_columns: u32,
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
  if (index >= args.outer * args.to_rows * args.to_columns) {
    return;
  }
  let b = index % args.to_columns;
  let a = (index / args.to_columns) % args.to_rows;
  let o = index / (args.to_columns * args.to_rows);
  if (a < args.rows && b < args.columns) {
    y[index] = x[(o * args.rows + a) * args.columns + b];
  } else {
    y[index] = Stored(0);
  }
}
