// rows[n, k] = an image of the training split whose class is not labels[n], every
// one equally likely.
//
// by_class holds all images, sorted by class, those of class c from starts[c] up
// to starts[c + 1]: a place among the others becomes a place in it by stepping
// over the class's own. One invocation owns one Philox block: elements 4b to
// 4b + 3 of rows.
//
// uses: linear_index, philox

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  draws: u32,
  images: u32,
  seed: u32,
  stream: u32,
  has_substep: u32,
}

@group(0) @binding(0) var<storage, read> labels: array<u32>;
@group(0) @binding(1) var<storage, read> by_class: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> training_step: u32;
@group(0) @binding(4) var<storage, read> substep: u32;
@group(0) @binding(5) var<storage, read_write> rows: array<u32>;
@group(0) @binding(6) var<uniform> args: Arguments;

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
  let place = vec4u(block, training_step, substep * args.has_substep, 0u);
  let words = philox(place, vec2u(args.seed, args.stream));
  for (var lane = 0u; lane < 4u; lane++) { // unroll
    if (first + lane < args.size) {
      let label = labels[(first + lane) / args.draws];
      let start = starts[label];
      let own = starts[label + 1u] - start;
      let other = multiply_high(words[lane], args.images - own);
      rows[first + lane] = by_class[select(other, other + own, other >= start)];
    }
  }
}
