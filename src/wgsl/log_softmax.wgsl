// y[n, c] = x[n, c] - log(sum of exp(x[n, k]) over k), for rows of x (N, C).
//
// One invocation per row.
//
// uses: linear_index, log_sum_exp

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
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
  var sum = first_term(x[first]);
  for (var c = 1u; c < args.columns; c++) {
    sum = with_term(sum, x[first + c]);
  }
  for (var c = 0u; c < args.columns; c++) {
    y[first + c] = log_share(x[first + c], sum);
  }
}
