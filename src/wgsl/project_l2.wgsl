// x' = x + d * min(1, epsilon / |d|) with d = y - x, and clipped to [low, high]; in the
// ball whatever is rounded: the nearest point of each image's Euclidean ball.
//
// Points y, clean images x and x' are (N, size) of `Element`, f32 or vec4f, for which
// the host declares what lanes add up to. One workgroup owns one image.
//
// uses: l2_ball, limit, workgroup_total

const WORKGROUP_SIZE = 256u;

struct Arguments {
  size: u32,
  epsilon: f32,
  low: f32,
  high: f32,
}

@group(0) @binding(0) var<storage, read> point: array<Element>;
@group(0) @binding(1) var<storage, read> clean: array<Element>;
@group(0) @binding(2) var<storage, read_write> adversarial: array<Element>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let first = image.x * args.size + thread;
  let end = (image.x + 1u) * args.size;
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let d = point[i] - clean[i];
    squares += d * d;
  }
  let distance = sqrt(workgroup_total(total(squares), thread));
  let outside = distance > args.epsilon;
  let shrink = select(1.0, args.epsilon / distance, outside);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let moved = clean[i] + shrink * (point[i] - clean[i]);
    adversarial[i] = limit(moved, Element(args.low), Element(args.high));
  }
  enter_ball(first, end, thread);
}
