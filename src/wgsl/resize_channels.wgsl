// y[o, a, b] = x[o, a, b] where both have that element, else 0: x (outer, rows,
// columns) padded or cut to y (outer, to_rows, to_columns).
//
// Brings channels to a multiple of four for the kernels that take four at a time. One
// invocation owns four columns, since finding a place costs divisions.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const COLUMNS = 4u;

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
  let groups_of_columns = (args.to_columns + COLUMNS - 1u) / COLUMNS;
  let row = index / groups_of_columns;
  if (row >= args.outer * args.to_rows) {
    return;
  }
  let first = index % groups_of_columns * COLUMNS;
  let a = row % args.to_rows;
  let row_x = (row / args.to_rows * args.rows + a) * args.columns;
  for (var i = 0u; i < COLUMNS; i++) { // unroll
    let b = first + i;
    if (b < args.to_columns) {
      let at = row * args.to_columns + b;
      if (a < args.rows && b < args.columns) {
        y[at] = x[row_x + b];
      } else {
        y[at] = Stored(0);
      }
    }
  }
}
