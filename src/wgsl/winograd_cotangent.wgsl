// v[i, j, t, k] = the transform of the TILE x TILE cotangents x[n, p.., q.., k] of tile
// t, A d A^T: the adjoint of winograd_output.wgsl. What lies outside the image, and
// channels beyond C, are zeros. Threads are as in winograd_input.wgsl.
//
// uses: linear_index, winograd_tiles

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> x: array<Image>;
@group(0) @binding(1) var<storage, read_write> v: array<Packed>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.tiles * args.padded_C) {
    return;
  }
  let c = index % args.padded_C;
  let tile = index / args.padded_C;
  let at = place_of_tile(args.first + tile);
  var columns: array<array<Lane, SIDE>, TILE>;
  for (var j = 0u; j < TILE; j++) { // unroll on GPUs, up to 2 anywhere
    var d: array<Lane, TILE>;
    for (var i = 0u; i < TILE; i++) { // unroll
      let inside = (at.y + i < args.H) & (at.z + j < args.W) & (c < args.C);
      let element = ((at.x * args.H + at.y + i) * args.W + at.z + j) * args.C + c;
      d[i] = select(Lane(), from_image(x[select(0u, element, inside)]), inside);
    }
    columns[j] = cotangent_line(d);
  }
  for (var i = 0u; i < SIDE; i++) { // unroll on GPUs, up to 4 anywhere
    var d: array<Lane, TILE>;
    for (var j = 0u; j < TILE; j++) { // unroll
      d[j] = columns[j][i];
    }
    let row = cotangent_line(d);
    for (var j = 0u; j < SIDE; j++) { // unroll
      v[((i * SIDE + j) * args.tiles + tile) * args.padded_C + c] = pack(row[j]);
    }
  }
}
