// y[i] = value(i): one expression of the elements at one place of every input.
//
// The host declares `Element` (f32 or vec4f), the bindings, `output` and `value`
// for each expression (src/ops/pointwise.ts). One invocation computes four elements
// that lie a whole grid apart, so that neighbors touch neighbors, ITEMS of them
// written out.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let stride = groups.x * groups.y * WORKGROUP_SIZE;
  let first = linear_index(id, groups);
  for (var start = first; start < args.size; start += ITEMS * stride) {
    for (var item = 0u; item < ITEMS; item++) { // unroll
      let i = start + item * stride;
      if (ITEMS == 1u || i < args.size) {
        output[i] = value(i);
      }
    }
  }
}
