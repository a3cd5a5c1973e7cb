// u[i, j, c, k] = the transform of the 3 x 3 taps w[.., .., c, k], G g G^T; with
// `rotated`, of the taps in reverse order, as an input gradient needs them. Channels
// and filters beyond C and K are zeros.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  C: u32,
  K: u32,
  padded_C: u32,
  padded_K: u32,
  rotated: u32,
}

@group(0) @binding(0) var<storage, read> w: array<Stored>;
@group(0) @binding(1) var<storage, read_write> u: array<Lane>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.padded_C * args.padded_K) {
    return;
  }
  let k = index % args.padded_K;
  let c = index / args.padded_K;
  let inside = c < args.C && k < args.K;
  let rotated = args.rotated != 0u;
  var columns: array<array<Lane, SIDE>, 3>;
  for (var s = 0u; s < 3u; s++) { // unroll
    var g: array<Lane, 3>;
    for (var r = 0u; r < 3u; r++) { // unroll
      let tap = select(r * 3u + s, 8u - (r * 3u + s), rotated);
      let element = (tap * args.C + c) * args.K + k;
      g[r] = select(Lane(), Lane(w[select(0u, element, inside)]), inside);
    }
    columns[s] = filter_line(g);
  }
  for (var i = 0u; i < SIDE; i++) { // unroll
    var g: array<Lane, 3>;
    for (var s = 0u; s < 3u; s++) { // unroll
      g[s] = columns[s][i];
    }
    let row = filter_line(g);
    for (var j = 0u; j < SIDE; j++) { // unroll
      u[((i * SIDE + j) * args.padded_C + c) * args.padded_K + k] = row[j];
    }
  }
}
