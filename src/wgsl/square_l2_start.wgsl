// Where the Euclidean Square attack starts, as a direction: patterns with random signs
// for each image and channel on a grid of tiles, a fifth of the height wide, at least one
// pixel: the authors' code has no tiles for less than five rows.
//
// y is (N, height, width, C). A tile's block of words in substep 0 chooses whether the
// pattern is transposed, for all images; its block in substep 1 + n the signs.
//
// uses: linear_index, philox, square_pattern

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  height: u32,
  width: u32,
  side: u32,
  seed: u32,
  stream: u32,
}

@group(0) @binding(0) var<storage, read> batch: u32;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixel = linear_index(id, groups);
  if (CHANNELS * pixel >= args.size) {
    return;
  }
  let margin = (max(args.height, 5u * args.side) - 5u * args.side) / 2u;
  let image = pixel / (args.height * args.width);
  // Before the first tile these wrap around and are large.
  let row = (pixel / args.width) % args.height - margin;
  let column = pixel % args.width - margin;
  let across = args.width / args.side;
  let tile = vec2u(row, column) / args.side;
  var value = Pixel(0);
  if (tile.x < args.height / args.side && tile.y < across) {
    let key = vec2u(args.seed, args.stream);
    let block = tile.x * across + tile.y;
    let shared_words = philox(vec4u(block, batch, 0u, 0u), key);
    let own_words = philox(vec4u(block, batch, 1u + image, 0u), key);
    let place = vec2u(row, column) % args.side;
    let transposed = (shared_words.x & 1u) == 1u;
    value = signs(own_words.x) *
      pattern(place.x, place.y, args.side, transposed);
  }
  for (var channel = 0u; channel < CHANNELS; channel++) { // unroll
    y[CHANNELS * pixel + channel] = value[channel];
  }
}
