// d = x' + step_size * g / |g| - x, and d = x' - x where g is 0
// x' <- clip(x + d * min(1, epsilon / |d|), 0, 1), in the ball whatever is rounded
//
// One step of projected gradient ascent under the Euclidean norm of each image, in
// place: adversarial x', clean x and gradient g are (N, size) of `Element`, f32 or
// vec4f, for which the host declares what lanes add up to. g is brought near 1 before
// it is squared, so that none vanishes whose largest element is a normal number. One
// workgroup owns one image and passes over it again and again, which costs less than
// storing d.
//
// uses: l2_ball, limit, powers_of_two, workgroup_largest, workgroup_total

const WORKGROUP_SIZE = 256u;

struct Arguments {
  size: u32,
  epsilon: f32,
  step_size: f32,
}

@group(0) @binding(0) var<storage, read> clean: array<Element>;
@group(0) @binding(1) var<storage, read> gradient: array<Element>;
@group(0) @binding(2) var<storage, read_write> adversarial: array<Element>;
@group(0) @binding(3) var<uniform> args: Arguments;

// How far g goes when it is brought near 1, and then to the length of a step.
struct Step {
  power: f32,
  rate: f32,
}

fn step_along(first: u32, end: u32, thread: u32) -> Step {
  var largest = 0u;
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    largest = max(largest, largest_bits(gradient[i]));
  }
  let power = power_for(workgroup_largest(largest), 0u);
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let g = power * gradient[i];
    squares += g * g;
  }
  let slope = sqrt(workgroup_total(total(squares), thread));
  return Step(power, select(args.step_size / slope, 0.0, slope == 0.0));
}

// The perturbation of element i after a step, not yet projected.
fn perturbation(i: u32, step: Step) -> Element {
  return adversarial[i] + step.rate * (step.power * gradient[i]) - clean[i];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let first = image.x * args.size + thread;
  let end = (image.x + 1u) * args.size;
  let step = step_along(first, end, thread);
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let d = perturbation(i, step);
    squares += d * d;
  }
  let distance = sqrt(workgroup_total(total(squares), thread));
  let outside = distance > args.epsilon;
  let shrink = select(1.0, args.epsilon / distance, outside);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let moved = clean[i] + shrink * perturbation(i, step);
    adversarial[i] = limit(moved, Element(0), Element(1));
  }
  enter_ball(first, end, thread);
}
