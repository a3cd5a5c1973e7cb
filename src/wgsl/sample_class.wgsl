// chosen[n] = the first class at which the sum of the probabilities exp(x[n, c])
// exceeds u[n]: a draw from each row's distribution for u uniform in [0, 1).
//
// One invocation per row of the log-probabilities (N, C). Where rounding keeps the
// whole sum below u, it is the last class.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> chosen: array<u32>;
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
  let mark = u[row];
  var sum = 0.0;
  var passed = 0u;
  for (var c = 0u; c < args.columns; c++) {
    sum += exp(x[row * args.columns + c]);
    passed += select(1u, 0u, sum > mark);
  }
  chosen[row] = min(passed, args.columns - 1u);
}
