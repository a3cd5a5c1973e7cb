// v[i, j, t, c] = the transform of the SIDE x SIDE inputs x[n, h.., v.., c] of tile t:
// B^T d B. What lies outside the image, and channels beyond C, are zeros.
//
// One thread owns a tile and one lane of channels; neighbors own neighboring lanes, so
// that loads and stores of a warp are whole lines. A tile of six by six in lanes of
// two channels takes 72 registers. Conditions are joined by `&`: unlike `&&`, it makes
// no branch for each of the loads. What is
// transformed is f32, and packed.
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
  // Unsigned, so that a place above or left of the image is a large number.
  let h0 = at.y - args.padding;
  let v0 = at.z - args.padding;
  var columns: array<array<Lane, SIDE>, SIDE>;
  for (var j = 0u; j < SIDE; j++) { // unroll on GPUs, up to 4 anywhere
    var d: array<Lane, SIDE>;
    for (var i = 0u; i < SIDE; i++) { // unroll
      let inside = (h0 + i < args.H) & (v0 + j < args.W) & (c < args.C);
      let element = ((at.x * args.H + h0 + i) * args.W + v0 + j) * args.C + c;
      d[i] = select(Lane(), from_image(x[select(0u, element, inside)]), inside);
    }
    columns[j] = input_line(d);
  }
  for (var i = 0u; i < SIDE; i++) { // unroll on GPUs, up to 4 anywhere
    var d: array<Lane, SIDE>;
    for (var j = 0u; j < SIDE; j++) { // unroll
      d[j] = columns[j][i];
    }
    let row = input_line(d);
    for (var j = 0u; j < SIDE; j++) { // unroll
      v[((i * SIDE + j) * args.tiles + tile) * args.padded_C + c] = pack(row[j]);
    }
  }
}
