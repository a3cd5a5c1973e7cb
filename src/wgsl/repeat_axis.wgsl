// y[o, r, i] = factor * x[o, i]: repeats a tensor (outer, inner) along a middle
// axis, the derivative of a sum over that axis. One invocation writes ITEMS repetitions
// of one element, which is four numbers where `Element` is vec4f.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

struct Arguments {
  outer: u32,
  repeated: u32,
  inner: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let items = (args.repeated + ITEMS - 1u) / ITEMS;
  if (index >= args.outer * items * args.inner) {
    return;
  }
  let i = index % args.inner;
  let first = index / args.inner % items * ITEMS;
  let o = index / (args.inner * items);
  let value = Stored(args.factor * x[o * args.inner + i]);
  for (var item = 0u; item < ITEMS; item++) { // unroll
    if (first + item < args.repeated) {
      y[(o * args.repeated + first + item) * args.inner + i] = value;
    }
  }
}
