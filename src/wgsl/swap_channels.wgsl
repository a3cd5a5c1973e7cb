// y[t, k, c] = x[t, c, k]: the weights of every tap t transposed.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  taps: u32,
  C: u32,
  K: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.taps * args.C * args.K) {
    return;
  }
  let c = index % args.C;
  let k = (index / args.C) % args.K;
  let t = index / (args.C * args.K);
  y[index] = x[(t * args.C + c) * args.K + k];
}
