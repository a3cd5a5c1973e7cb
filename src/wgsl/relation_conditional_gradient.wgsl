// With t[i, j] = (dp[i, j] - the sum of dp[k, j] * p[k, j] over k) / z[j]:
// ds[i, j] = t[i, j] for i != j, ds[j, j] = 0, and
// dm[j] = - the sum of t[i, j] over i != j, - self_slope * dp[j, j] / z[j].
//
// One invocation per column of p (N, N). z[j] is computed again from s and m; for
// self_slope, p[j, j] is no summand of it, and its share stands in t all the same.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  self_slope: f32,
  self_summed: f32,
}

@group(0) @binding(0) var<storage, read> dp: array<f32>;
@group(0) @binding(1) var<storage, read> p: array<f32>;
@group(0) @binding(2) var<storage, read> s: array<f32>;
@group(0) @binding(3) var<storage, read> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> ds: array<f32>;
@group(0) @binding(5) var<storage, read_write> dm: array<f32>;
@group(0) @binding(6) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let j = linear_index(id, groups);
  if (j >= args.rows) {
    return;
  }
  var z = args.self_summed;
  var mean = 0.0;
  for (var i = 0u; i < args.rows; i++) {
    let cell = i * args.rows + j;
    mean += dp[cell] * p[cell];
    if (i != j) {
      z += 2.0 + (s[cell] - m[j]);
    }
  }
  var total = args.self_slope * dp[j * args.rows + j] / z;
  for (var i = 0u; i < args.rows; i++) {
    let cell = i * args.rows + j;
    let slope = select((dp[cell] - mean) / z, 0.0, i == j);
    total += slope;
    ds[cell] = slope;
  }
  dm[j] = -total;
}
