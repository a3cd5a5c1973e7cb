// The derivative of batch normalization with respect to x is, per channel, affine
// in the cotangent g and in x:  dx = a g + b x + d,  with
//
//   a = gamma / deviation,  b = -a dgamma / (rows deviation),
//   d = -a dbeta / rows - b mean,           deviation = sqrt(variance + epsilon)
//
// coefficients is (3, channels).
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  channels: u32,
  rows: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> gamma: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> dgamma: array<f32>;
@group(0) @binding(4) var<storage, read> dbeta: array<f32>;
@group(0) @binding(5) var<storage, read_write> coefficients: array<f32>;
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
  let deviation = sqrt(variance[c] + args.epsilon);
  let a = gamma[c] / deviation;
  let b = -a * dgamma[c] / (f32(args.rows) * deviation);
  coefficients[c] = a;
  coefficients[args.channels + c] = b;
  coefficients[2u * args.channels + c] = -a * dbeta[c] / f32(args.rows) - b * mean[c];
}
