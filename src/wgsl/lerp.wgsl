// average <- average + weight * (newest - average), in the form that is exact where the
// weight is 1; nothing changes where it is 0.
//
// Both have one size, four elements at a time where `Element` is vec4f.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
}

@group(0) @binding(0) var<storage, read> newest: array<Element>;
@group(0) @binding(1) var<storage, read> weight: f32;
@group(0) @binding(2) var<storage, read_write> average: array<Element>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size || weight == 0.0) {
    return;
  }
  let difference = newest[i] - average[i];
  if (weight < 0.5) {
    average[i] += weight * difference;
  } else {
    average[i] = newest[i] - (1.0 - weight) * difference;
  }
}
