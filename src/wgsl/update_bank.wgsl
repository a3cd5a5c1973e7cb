// bank[rows[n]] := r / (|r| + epsilon), r = momentum * bank[rows[n]] + (1 - momentum)
// * values[n]: the rows of a bank (M, D) follow the values (N, D).
//
// One invocation owns one row. Where a row is named twice the last one counts, and
// the others leave it alone, so that equal inputs give equal bytes.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
  momentum: f32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> indices: array<u32>;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> bank: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let n = linear_index(id, groups);
  if (n >= args.rows) {
    return;
  }
  for (var later = n + 1u; later < args.rows; later++) {
    if (indices[later] == indices[n]) {
      return;
    }
  }
  let row = indices[n] * args.columns;
  var squares = 0.0;
  for (var d = 0u; d < args.columns; d++) {
    let moved = args.momentum * bank[row + d]
      + (1.0 - args.momentum) * values[n * args.columns + d];
    squares += moved * moved;
    bank[row + d] = moved;
  }
  let factor = 1.0 / (sqrt(squares) + args.epsilon);
  for (var d = 0u; d < args.columns; d++) {
    bank[row + d] *= factor;
  }
}
