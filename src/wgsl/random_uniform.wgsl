// y[i] = low + range * u[i], with u uniform in [0, 1) and a multiple of 2^-24.
//
// One invocation owns one Philox block: elements 4b to 4b + 3 have that of number
// `first_block` + b. With low 0 and
// range 1 the result equals the host's `uniform` bit for bit.
//
// uses: linear_index, philox

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  seed: u32,
  stream: u32,
  has_substep: u32,
  first_block: u32,
  low: f32,
  range: f32,
}

@group(0) @binding(0) var<storage, read> training_step: u32;
@group(0) @binding(1) var<storage, read> substep: u32;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let block = linear_index(id, groups);
  let first = 4u * block;
  if (first >= args.size) {
    return;
  }
  let number = args.first_block + block;
  let place = vec4u(number, training_step, substep * args.has_substep, 0u);
  let words = philox(place, vec2u(args.seed, args.stream));
  let values = args.low + args.range * unit_interval(words);
  for (var lane = 0u; lane < 4u; lane++) { // unroll
    if (first + lane < args.size) {
      y[first + lane] = values[lane];
    }
  }
}
