// y[o, s, i] = factor * sum over r in chunk s of x[o, r, i]: the middle axis of a tensor
// (outer, reduced, inner), in `chunks` partial sums that a second dispatch adds.
//
// One invocation adds one chunk in order, so equal inputs give equal bytes. The
// host chooses chunks of at most a few hundred terms.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  reduced: u32,
  inner: u32,
  chunks: u32,
  chunk: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.outer * args.chunks * args.inner) {
    return;
  }
  let i = index % args.inner;
  let s = (index / args.inner) % args.chunks;
  let o = index / (args.inner * args.chunks);
  let end = min((s + 1u) * args.chunk, args.reduced);
  var sum = 0.0;
  for (var r = s * args.chunk; r < end; r++) {
    sum += f32(x[(o * args.reduced + r) * args.inner + i]);
  }
  y[index] = args.factor * sum;
}
