// metrics[slot] += the sum of value
//
// One workgroup adds all `size` elements, in an order that is always the same.
//
// uses: workgroup_sum

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  slot: u32,
}

@group(0) @binding(0) var<storage, read> value: array<f32>;
@group(0) @binding(1) var<storage, read_write> metrics: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < args.size; i += WORKGROUP_SIZE) {
    sum += value[i];
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0u) {
    metrics[args.slot] += total;
  }
}
