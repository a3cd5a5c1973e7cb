// dx[n, c] = dy[n, c] - exp(y[n, c]) * (sum of dy[n, k] over k), for the result
// y (N, C) of a log-softmax.
//
// One invocation per row.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

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
  var sum = 0.0;
  for (var c = 0u; c < args.columns; c++) {
    sum += dy[first + c];
  }
  for (var c = 0u; c < args.columns; c++) {
    dx[first + c] = dy[first + c] - exp(y[first + c]) * sum;
  }
}
