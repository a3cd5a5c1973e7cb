// y[o, r, i] = factor * x[o, i]: repeats a tensor (outer, inner) along a middle
// axis, the derivative of a sum over that axis.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  repeated: u32,
  inner: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.outer * args.repeated * args.inner) {
    return;
  }
  let i = index % args.inner;
  let o = index / (args.inner * args.repeated);
  y[index] = Stored(args.factor * x[o * args.inner + i]);
}
