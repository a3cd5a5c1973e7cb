// y[n, p.., q.., k] = the TILE x TILE outputs of tile t, A^T m A, plus shift[k] if SHIFT,
// plus residual if RESIDUAL, limited below by 0 if RELU, and 0 where the mask is not
// positive if MASK; m[i, j, t, k] are products in the transformed domain. Threads are
// as in winograd_input.wgsl. What is not asked for is bound to m and not read.
//
// uses: linear_index, winograd_tiles

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> m: array<Packed>;
@group(0) @binding(1) var<storage, read> shift: array<Packed>;
@group(0) @binding(2) var<storage, read> residual: array<Image>;
@group(0) @binding(3) var<storage, read> mask: array<Image>;
@group(0) @binding(4) var<storage, read_write> y: array<Image>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.tiles * args.C) {
    return;
  }
  let c = index % args.C;
  let tile = index / args.C;
  let at = place_of_tile(args.first + tile);
  var columns: array<array<Lane, TILE>, SIDE>;
  for (var j = 0u; j < SIDE; j++) { // unroll on GPUs, up to 4 anywhere
    var d: array<Lane, SIDE>;
    for (var i = 0u; i < SIDE; i++) { // unroll
      d[i] = unpack(m[((i * SIDE + j) * args.tiles + tile) * args.padded_C + c]);
    }
    columns[j] = output_line(d);
  }
  for (var i = 0u; i < TILE; i++) { // unroll on GPUs, up to 2 anywhere
    var d: array<Lane, SIDE>;
    for (var j = 0u; j < SIDE; j++) { // unroll
      d[j] = columns[j][i];
    }
    let row = output_line(d);
    for (var j = 0u; j < TILE; j++) { // unroll on GPUs, up to 2 anywhere
      if (at.y + i < args.H && at.z + j < args.W) {
        let to = ((at.x * args.H + at.y + i) * args.W + at.z + j) * args.C + c;
        var result = row[j];
        if (SHIFT) {
          result += unpack(shift[c]);
        }
        if (RESIDUAL) {
          result += from_image(residual[to]);
        }
        if (RELU) {
          result = select(result, Lane(), result < Lane());
        }
        if (MASK) {
          result = select(result, Lane(), from_image(mask[to]) <= Lane());
        }
        y[to] = to_image(result);
      }
    }
  }
}
