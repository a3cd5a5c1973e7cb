// y[n] = |x[n]|, the Euclidean length of each image, to a few units in the last place
// whatever its size and scale.
//
// x is (N, size) of `Element`, f32 or vec4f, for which the host declares what lanes add
// up to. One workgroup measures one image: its largest element says how to square
// without loss, its rough length how to add squares without rounding.
//
// uses: powers_of_two, square_sum, workgroup_largest, workgroup_total

const WORKGROUP_SIZE = 256u;

struct Arguments {
  size: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
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
  let near_one = power_for(workgroup_largest(largest), 0u);
  var squares = Element(0);
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    let v = near_one * x[i];
    squares += v * v;
  }
  let rough = sqrt(workgroup_total(total(squares), thread));
  let power = power_for(bitcast<u32>(rough), 13u);
  var sum = SquareSum(Whole(0u), Element(0));
  for (var i = first; i < end; i += WORKGROUP_SIZE) {
    sum = add_square(sum, power * (near_one * x[i]));
  }
  let whole = workgroup_whole(total_whole(sum.whole));
  let part = workgroup_total(total(sum.part), thread);
  if (thread == 0u) {
    let length = sqrt(f32(whole) + part);
    y[image.x] = inverse_power(near_one) * (inverse_power(power) * length);
  }
}
