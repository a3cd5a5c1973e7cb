// df[n] = (du[n] - f[n] * (f[n] . du[n]) / (r * (r + e))) / (r + e), with r = |f[n]| and
// e = epsilon, for u[n] = f[n] / (r + e). A row of zeros has no second term.
//
// One invocation per row of (N, D).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> du: array<f32>;
@group(0) @binding(1) var<storage, read> f: array<f32>;
@group(0) @binding(2) var<storage, read_write> df: array<f32>;
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
  var squares = 0.0;
  var product = 0.0;
  for (var d = 0u; d < args.columns; d++) {
    squares += f[first + d] * f[first + d];
    product += f[first + d] * du[first + d];
  }
  let norm = sqrt(squares);
  let length = norm + args.epsilon;
  let along = select(0.0, product / norm / length, norm > 0.0);
  for (var d = 0u; d < args.columns; d++) {
    df[first + d] = (du[first + d] - f[first + d] * along) / length;
  }
}
