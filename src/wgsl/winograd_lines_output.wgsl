// y[n, p.., q, k] = the 4 rows of outputs of line l, A^T m[.., l, q, k] down the columns, plus
// shift[k] if SHIFT, plus residual if RESIDUAL, limited below by 0 if RELU, and 0 where the mask
// is not positive if MASK. Threads are as in winograd_lines_input.wgsl. What is not asked for
// is bound to m and not read.
//
// uses: linear_index, winograd_4

const WORKGROUP_SIZE = 64u;

struct Arguments {
  P: u32,
  Q: u32,
  // Filters in vectors of four.
  K4: u32,
  // Lines of an image, the first one here, and their number.
  high: u32,
  first: u32,
  lines: u32,
}

@group(0) @binding(0) var<storage, read> m: array<vec4f>;
@group(0) @binding(1) var<storage, read> shift: array<vec4f>;
@group(0) @binding(2) var<storage, read> residual: array<Stored>;
@group(0) @binding(3) var<storage, read> mask: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let row = args.Q * args.K4;
  if (index >= args.lines * row) {
    return;
  }
  var d: array<Lane, 6>;
  for (var i = 0u; i < 6u; i++) { // unroll
    d[i] = m[i * args.lines * row + index];
  }
  let results = output_line(d);
  let line = args.first + index / row;
  let p0 = line % args.high * 4u;
  let first = (line / args.high * args.P + p0) * row + index % row;
  for (var i = 0u; i < 4u; i++) { // unroll
    if (p0 + i < args.P) {
      let to = first + i * row;
      var result = results[i];
      if (SHIFT) {
        result += shift[index % args.K4];
      }
      if (RESIDUAL) {
        result += vec4f(residual[to]);
      }
      if (RELU) {
        result = select(result, vec4f(), result < vec4f());
      }
      if (MASK) {
        result = select(result, vec4f(), vec4f(mask[to]) <= vec4f());
      }
      y[to] = Stored(result);
    }
  }
}
