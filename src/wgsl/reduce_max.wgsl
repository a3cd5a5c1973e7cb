// y[o, s] = the largest x[o, r] over r in chunk s: rows of a tensor (outer, reduced),
// in `chunks` parts of which a second dispatch takes the largest. A value that is not
// a number is the largest, so that divergence shows.
//
// uses: linear_index, is_nan

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  reduced: u32,
  chunks: u32,
  chunk: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.outer * args.chunks) {
    return;
  }
  let s = index % args.chunks;
  let o = index / args.chunks;
  let end = min((s + 1u) * args.chunk, args.reduced);
  let first = s * args.chunk;
  var largest = x[o * args.reduced + first];
  for (var r = first + 1u; r < end; r++) {
    let value = x[o * args.reduced + r];
    if (value > largest || is_nan(value)) {
      largest = value;
    }
  }
  y[index] = largest;
}
