// ds[i, j] = t[i, j], less the sum of t[k, j] over k where i is j's nearest neighbor,
// t[i, j] = (dp[i, j] - sum of dp[k, j] * p[k, j] over k) / z[j], and t[j, j] = 0.
//
// One invocation per column of p (N, N). The nearest neighbor is the first i != j
// with the largest p[i, j]. Its affinity is 2, so the sum of all affinities is
// z[j] = 2 / p[i, j].
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
}

@group(0) @binding(0) var<storage, read> dp: array<f32>;
@group(0) @binding(1) var<storage, read> p: array<f32>;
@group(0) @binding(2) var<storage, read_write> ds: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let j = linear_index(id, groups);
  if (j >= args.rows) {
    return;
  }
  var nearest = select(0u, 1u, j == 0u);
  var mean = 0.0;
  for (var i = 0u; i < args.rows; i++) {
    let cell = i * args.rows + j;
    mean += dp[cell] * p[cell];
    if (i != j && p[cell] > p[nearest * args.rows + j]) {
      nearest = i;
    }
  }
  let z = 2.0 / p[nearest * args.rows + j];
  var total = 0.0;
  for (var i = 0u; i < args.rows; i++) {
    let cell = i * args.rows + j;
    let slope = select((dp[cell] - mean) / z, 0.0, i == j);
    total += slope;
    ds[cell] = slope;
  }
  ds[nearest * args.rows + j] -= total;
}
