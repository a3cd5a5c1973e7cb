// proposal = clip(clamp(best + 2 epsilon s, x - epsilon, x + epsilon), 0, 1) inside a
// window, and best outside it, with a sign s for each channel: one query of the Square
// attack in the maximum norm.
//
// Images are (N, height, width, C). Window and signs are those of the query, the same
// for every image: words 0 and 1 of its Philox block choose the window's corner, bits
// of word 2 the signs. The host declares `window_side`.
//
// uses: linear_index, philox

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  height: u32,
  width: u32,
  epsilon: f32,
  seed: u32,
  stream: u32,
}

@group(0) @binding(0) var<storage, read> best: array<f32>;
@group(0) @binding(1) var<storage, read> clean: array<f32>;
@group(0) @binding(2) var<storage, read> query: u32;
@group(0) @binding(3) var<storage, read> batch: u32;
@group(0) @binding(4) var<storage, read_write> proposal: array<f32>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixel = linear_index(id, groups);
  if (CHANNELS * pixel >= args.size) {
    return;
  }
  let words = philox(vec4u(0u, batch, query, 0u), vec2u(args.seed, args.stream));
  let side = window_side(query);
  let top = multiply_high(words.x, args.height - side);
  let left = multiply_high(words.y, args.width - side);
  let row = (pixel / args.width) % args.height;
  let column = pixel % args.width;
  let inside = row >= top && row < top + side &&
    column >= left && column < left + side;
  for (var channel = 0u; channel < CHANNELS; channel++) { // unroll
    let i = CHANNELS * pixel + channel;
    let x = clean[i];
    let sign = select(-2.0, 2.0, ((words.z >> channel) & 1u) == 1u);
    let moved = best[i] + select(0.0, sign * args.epsilon, inside);
    let near = min(max(moved, x - args.epsilon), x + args.epsilon);
    proposal[i] = min(max(near, 0.0), 1.0);
  }
}
