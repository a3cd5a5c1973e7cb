// running_mean     += momentum * (mean - running_mean)
// running_variance += momentum * (variance * unbiased - running_variance)
//
// PyTorch's rule: the running variance follows the unbiased variance, that is
// the biased one times unbiased = rows / (rows - 1).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  channels: u32,
  momentum: f32,
  unbiased: f32,
}

@group(0) @binding(0) var<storage, read> mean: array<f32>;
@group(0) @binding(1) var<storage, read> variance: array<f32>;
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_variance: array<f32>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let c = linear_index(id, groups);
  if (c >= args.channels) {
    return;
  }
  let keep = 1.0 - args.momentum;
  running_mean[c] = keep * running_mean[c] + args.momentum * mean[c];
  running_variance[c] = keep * running_variance[c] +
    args.momentum * args.unbiased * variance[c];
}
