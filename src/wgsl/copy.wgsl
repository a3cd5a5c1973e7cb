// y = x, for values that cannot be computed in place.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i < arrayLength(&y)) {
    y[i] = x[i];
  }
}
