// y[i] = value(i): one expression of the elements at one place of every input.
//
// The host declares `Element` (f32 or vec4f), the bindings, `output` and `value`
// for each expression (src/ops/pointwise.ts). One invocation computes ITEMS
// elements that lie a whole grid apart, so that neighbors touch neighbors.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

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
      output[i] = value(i);
    }
  }
}
