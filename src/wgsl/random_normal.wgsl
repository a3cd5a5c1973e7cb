// y[i] = scale * z[i], with z standard normal by Box and Muller's transform:
// lanes (0, 1) and (2, 3) of a Philox block are each a radius and an angle, and
// yield the cosine and the sine of one pair.
//
// One invocation owns one block: elements 4b to 4b + 3 have that of number
// `first_block` + b. WGSL promises sine and
// cosine only within half a turn of 0, so angles are taken from [-pi, pi).
//
// uses: linear_index, philox

const WORKGROUP_SIZE = 64u;
const TURN = 6.28318530717958647692f;

struct Arguments {
  size: u32,
  seed: u32,
  stream: u32,
  has_substep: u32,
  first_block: u32,
  scale: f32,
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
  let u = unit_interval(philox(place, vec2u(args.seed, args.stream)));
  // Above zero, for the logarithm; its error near 1 must not reach the root.
  let positive = u.xz + 0x1p-24f;
  let radius = args.scale * sqrt(max(-2.0 * log(positive), vec2f(0)));
  let angle = TURN * (u.yw - select(vec2f(0), vec2f(1), u.yw >= vec2f(0.5)));
  let x = radius * cos(angle);
  let z = radius * sin(angle);
  let values = vec4f(x.x, z.x, x.y, z.y);
  for (var lane = 0u; lane < 4u; lane++) { // unroll
    if (first + lane < args.size) {
      y[first + lane] = values[lane];
    }
  }
}
