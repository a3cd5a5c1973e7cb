// u[g, t, b, l, e, v] = w[t, k, c], k = first + 2 b + e, c = 16 g + 2 l + v: the weights
// (9 taps, K, C) of 32 of dy's channels, in the order in which the lanes of
// conv_simd_stride2_input_gradient.wgsl load them: two channels of dy and two of dx each.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  K: u32,
  C: u32,
  first: u32,
}

@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= 9u * 32u * args.C) {
    return;
  }
  let lane = index / 4u % 8u;
  let k = args.first + index / 32u % 16u * 2u + index / 2u % 2u;
  let t = index / 512u % 9u;
  let c = index / 4608u * 16u + lane * 2u + index % 2u;
  u[index] = w[(t * args.K + k) * args.C + c];
}
