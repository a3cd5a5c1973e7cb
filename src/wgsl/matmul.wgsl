// y[m, n] = sum over k of a[m, k] * b[k, n], either operand transposed by strides.
//
// For the small products at a network's head: one invocation owns one element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  M: u32,
  N: u32,
  K: u32,
  a_row: u32,
  a_column: u32,
  b_row: u32,
  b_column: u32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.M * args.N) {
    return;
  }
  let n = index % args.N;
  let m = index / args.N;
  var sum = 0.0;
  for (var k = 0u; k < args.K; k++) {
    sum += a[m * args.a_row + k * args.a_column] * b[k * args.b_row + n * args.b_column];
  }
  y[index] = sum;
}
