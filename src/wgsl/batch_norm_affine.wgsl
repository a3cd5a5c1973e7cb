// scale = gamma / sqrt(variance + epsilon),  shift = beta - mean * scale: batch
// normalization as one multiplication and one addition per element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  channels: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> gamma: array<f32>;
@group(0) @binding(1) var<storage, read> beta: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read_write> scale: array<f32>;
@group(0) @binding(5) var<storage, read_write> shift: array<f32>;
@group(0) @binding(6) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let c = linear_index(id, groups);
  if (c >= args.channels) {
    return;
  }
  let factor = gamma[c] / sqrt(variance[c] + args.epsilon);
  scale[c] = factor;
  shift[c] = beta[c] - mean[c] * factor;
}
