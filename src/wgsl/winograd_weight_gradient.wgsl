// dw[r, s, c, k] = the 3 x 3 taps G^T m G of m[i, j, c, k], the sums over tiles in the
// transformed domain: the adjoint of winograd_filters.wgsl.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  C: u32,
  K: u32,
  padded_C: u32,
  padded_K: u32,
}

@group(0) @binding(0) var<storage, read> m: array<Lane>;
@group(0) @binding(1) var<storage, read_write> dw: array<Lane>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.C * args.K) {
    return;
  }
  let k = index % args.K;
  let c = index / args.K;
  var columns: array<array<Lane, 3>, SIDE>;
  for (var j = 0u; j < SIDE; j++) { // unroll
    var d: array<Lane, SIDE>;
    for (var i = 0u; i < SIDE; i++) { // unroll
      d[i] = m[((i * SIDE + j) * args.padded_C + c) * args.padded_K + k];
    }
    columns[j] = gradient_line(d);
  }
  for (var r = 0u; r < 3u; r++) { // unroll
    var d: array<Lane, SIDE>;
    for (var j = 0u; j < SIDE; j++) { // unroll
      d[j] = columns[j][r];
    }
    let row = gradient_line(d);
    for (var s = 0u; s < 3u; s++) { // unroll
      dw[((r * 3u + s) * args.C + c) * args.K + k] = row[s];
    }
  }
}
