// v[i, l, w, c] = the transform down the columns of the inputs x[n, h.., w, c] of line l, B^T d:
// a line of tiles of 4 rows of outputs, of which `first` is the first one. What lies above or
// below an image is zeros. One thread owns a column and four channels.
//
// uses: linear_index, winograd_4

const WORKGROUP_SIZE = 64u;

struct Arguments {
  H: u32,
  W: u32,
  // Channels in vectors of four.
  C4: u32,
  padding: u32,
  // Lines of an image, the first one here, and their number.
  high: u32,
  first: u32,
  lines: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let row = args.W * args.C4;
  if (index >= args.lines * row) {
    return;
  }
  let line = args.first + index / row;
  // Unsigned, so that a row above the image is a large number.
  let h0 = line % args.high * 4u - args.padding;
  let corner = (line / args.high * args.H + h0) * row + index % row;
  var d: array<Lane, 6>;
  for (var i = 0u; i < 6u; i++) { // unroll
    let inside = h0 + i < args.H;
    d[i] = select(vec4f(), vec4f(x[select(0u, corner + i * row, inside)]), inside);
  }
  let transformed = input_line(d);
  for (var i = 0u; i < 6u; i++) { // unroll
    v[i * args.lines * row + index] = transformed[i];
  }
}
