// y = x, as another type of number: From and To are f32, f16, or four of them.
//
// One invocation converts ITEMS elements that lie a whole grid apart.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

struct Arguments {
  size: u32,
}

@group(0) @binding(0) var<storage, read> x: array<From>;
@group(0) @binding(1) var<storage, read_write> y: array<To>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let stride = groups.x * groups.y * WORKGROUP_SIZE;
  let first = linear_index(id, groups);
  for (var item = 0u; item < ITEMS; item++) { // unroll
    let i = first + item * stride;
    if (i < args.size) {
      y[i] = To(x[i]);
    }
  }
}
