// y = value, in every element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  value: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i < arrayLength(&y)) {
    y[i] = args.value;
  }
}
