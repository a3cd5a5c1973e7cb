// d = x' + step_size * g / (|g| + 1e-12) - x
// x' <- clip(x + d * min(1, epsilon / |d|), 0, 1)
//
// One step of projected gradient ascent under the Euclidean norm of each image, in
// place: adversarial x', clean x and gradient g are (N, size) of `Element`, f32 or
// vec4f, for which the host declares `total`, the sum of its lanes. One workgroup
// owns one image and passes over it three times, which costs less than storing d.
//
// uses: limit, workgroup_sum

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

// The perturbation of element i after a step, not yet projected.
fn perturbation(i: u32, rate: f32) -> Element {
  return adversarial[i] + rate * gradient[i] - clean[i];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let first = image.x * args.size + thread;
  let end = (image.x + 1u) * args.size;
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    squares += gradient[i] * gradient[i];
  }
  let slope = sqrt(workgroup_sum(total(squares), thread));
  let rate = args.step_size / (slope + 1e-12);
  squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let d = perturbation(i, rate);
    squares += d * d;
  }
  let distance = sqrt(workgroup_sum(total(squares), thread));
  let outside = distance > args.epsilon;
  let shrink = select(1.0, args.epsilon / distance, outside);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let moved = clean[i] + shrink * perturbation(i, rate);
    adversarial[i] = limit(moved, Element(0), Element(1));
  }
}
