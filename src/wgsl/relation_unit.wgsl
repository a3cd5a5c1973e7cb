// u[n, d] = f[n, d] / (|f[n]| + epsilon), for rows of f (N, D): directions, whose
// products are cosines. A row of zeros stays one.
//
// One invocation per row.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> f: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let row = linear_index(id, groups);
  if (row >= args.rows) {
    return;
  }
  let first = row * args.columns;
  var squares = 0.0;
  for (var d = 0u; d < args.columns; d++) {
    squares += f[first + d] * f[first + d];
  }
  let length = sqrt(squares) + args.epsilon;
  for (var d = 0u; d < args.columns; d++) {
    u[first + d] = f[first + d] / length;
  }
}
