// y[n] = x[n] / |x[n]|, and 0 where x[n] is: each image over its Euclidean length.
//
// x and y are (N, size) of `Element`, f32 or vec4f, for which the host declares what
// lanes add up to. One workgroup owns one image. x is brought near 1 before it is
// squared, so that none vanishes whose largest element is a normal number.
//
// uses: powers_of_two, workgroup_largest, workgroup_total

const WORKGROUP_SIZE = 256u;

struct Arguments {
  size: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) image: vec3u,
) {
  let first = image.x * args.size + thread;
  let end = (image.x + 1u) * args.size;
  var largest = 0u;
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    largest = max(largest, largest_bits(x[i]));
  }
  let power = power_for(workgroup_largest(largest), 0u);
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let v = power * x[i];
    squares += v * v;
  }
  let length = sqrt(workgroup_total(total(squares), thread));
  let divisor = select(length, 1.0, length == 0.0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    y[i] = power * x[i] / divisor;
  }
}
