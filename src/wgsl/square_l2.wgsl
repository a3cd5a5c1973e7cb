// One query of the Square attack in the Euclidean norm. With d = best - x, a window
// W that gets a pattern p, a window V that gives up its share, and |d|_A the norm of
// one channel within A,
//
//   q = p s + d / |d|_W                  in W, with a sign s for image and channel
//   d <- q / |q| sqrt(max(epsilon² - |d|², 0) / C + |d|²_{W or V})     in W
//   d <- 0                                                      in V without W
//   proposal = clip(x + epsilon d / |d|, 0, 1), in the ball whatever is rounded
//
// Images are (N, height, width, C), one per workgroup. The windows are the same for
// every image: block 0 of the query's words has their corners, block 1 whether the
// pattern is transposed, block 2 + n the signs. The host declares `window_side`, f32 as
// `Element`, CHANNELS, and Pixel with room for them, zeros in what is left.
//
// uses: l2_ball, philox, square_pattern, workgroup_sum

const WORKGROUP_SIZE = 256u;
const TINY = 1e-12;

struct Arguments {
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
@group(0) @binding(4) var<storage, read_write> adversarial: array<f32>;
@group(0) @binding(5) var<uniform> args: Arguments;

struct Windows {
  side: u32,
  first: vec2u, // Row and column of the corner of W.
  second: vec2u, // That of V.
  transposed: bool,
  signs: Pixel,
}

fn draw(image: u32) -> Windows {
  let key = vec2u(args.seed, args.stream);
  let corners = philox(vec4u(0u, batch, query, 0u), key);
  let turn = philox(vec4u(1u, batch, query, 0u), key);
  let own = philox(vec4u(2u + image, batch, query, 0u), key);
  let side = window_side(query);
  let rows = args.height - side;
  let columns = args.width - side;
  return Windows(
    side,
    vec2u(multiply_high(corners.x, rows), multiply_high(corners.y, columns)),
    vec2u(multiply_high(corners.z, rows), multiply_high(corners.w, columns)),
    (turn.x & 1u) == 1u,
    signs(own.x),
  );
}

fn in_window(place: vec2u, corner: vec2u, side: u32) -> bool {
  return all(place >= corner) && all(place < corner + side);
}

fn place_of(pixel: u32) -> vec2u {
  return vec2u(pixel / args.width, pixel % args.width);
}

fn perturbation(at: u32) -> Pixel {
  var d = Pixel(0);
  for (var channel = 0u; channel < CHANNELS; channel++) { // unroll
    d[channel] = best[at + channel] - clean[at + channel];
  }
  return d;
}

fn sums(values: Pixel, thread: u32) -> Pixel {
  var result = Pixel(0);
  for (var channel = 0u; channel < CHANNELS; channel++) { // unroll on GPUs
    result[channel] = workgroup_sum(values[channel], thread);
  }
  return result;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let pixels = args.height * args.width;
  let first = CHANNELS * image.x * pixels;
  let windows = draw(image.x);
  let side = windows.side;

  var in_first = Pixel(0);
  var in_either = Pixel(0);
  var in_neither = Pixel(0);
  for (var pixel = thread; pixel < pixels; pixel += WORKGROUP_SIZE) {
    let place = place_of(pixel);
    let d = perturbation(first + CHANNELS * pixel);
    let one = in_window(place, windows.first, side);
    let two = in_window(place, windows.second, side);
    in_first += select(Pixel(0), d * d, one);
    in_either += select(Pixel(0), d * d, one || two);
    in_neither += select(d * d, Pixel(0), one || two);
  }
  let unit = 1.0 / (TINY + sqrt(sums(in_first, thread)));
  let freed = sums(in_either, thread);
  let kept = sums(in_neither, thread);

  var squares = Pixel(0);
  for (var pixel = thread; pixel < pixels; pixel += WORKGROUP_SIZE) {
    let place = place_of(pixel);
    if (in_window(place, windows.first, side)) {
      let at = place - windows.first;
      let p = pattern(at.x, at.y, side, windows.transposed);
      let q = p * windows.signs + perturbation(first + CHANNELS * pixel) * unit;
      squares += q * q;
    }
  }
  let ones = Pixel(1);
  let lengths = sqrt(sums(squares, thread));
  let whole = dot(freed, ones) + dot(kept, ones);
  let room = max(args.epsilon * args.epsilon - whole, 0.0) / f32(CHANNELS);
  let growth = sqrt(room + freed) / (TINY + lengths);
  let grown = growth * lengths;
  let norm = sqrt(dot(kept, ones) + dot(grown, grown));
  let stretch = args.epsilon / (norm + TINY);

  for (var pixel = thread; pixel < pixels; pixel += WORKGROUP_SIZE) {
    let place = place_of(pixel);
    let i = first + CHANNELS * pixel;
    var d = perturbation(i);
    if (in_window(place, windows.first, side)) {
      let at = place - windows.first;
      let p = pattern(at.x, at.y, side, windows.transposed);
      d = growth * (p * windows.signs + d * unit);
    } else if (in_window(place, windows.second, side)) {
      d = Pixel(0);
    }
    for (var channel = 0u; channel < CHANNELS; channel++) { // unroll
      let moved = clean[i + channel] + stretch * d[channel];
      adversarial[i + channel] = min(max(moved, 0.0), 1.0);
    }
  }
  enter_ball(first + thread, first + CHANNELS * pixels, thread);
}
