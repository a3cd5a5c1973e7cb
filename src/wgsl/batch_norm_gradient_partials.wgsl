// partial[b, 0, c] = sum over the rows m of block b of dy[m, c]
// partial[b, 1, c] = the same sum of dy[m, c] * (x[m, c] - mean[c]) / deviation[c]
//
// One invocation owns one element of one block.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  channels: u32,
  block: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> dy: array<Packed>;
@group(0) @binding(2) var<storage, read> mean: array<Element>;
@group(0) @binding(3) var<storage, read> variance: array<Element>;
@group(0) @binding(4) var<storage, read_write> partial: array<Element>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let c = index % args.channels;
  let b = index / args.channels;
  let first = b * args.block;
  if (first >= args.rows) {
    return;
  }
  let last = min(first + args.block, args.rows);
  let center = mean[c];
  var sum = Element(0);
  var product = Element(0);
  for (var m = first; m < last; m++) {
    let i = m * args.channels + c;
    let g = unpack(dy[i]);
    sum += g;
    product += g * (unpack(x[i]) - center);
  }
  partial[2u * b * args.channels + c] = sum;
  let deviation = sqrt(variance[c] + Element(args.epsilon));
  partial[(2u * b + 1u) * args.channels + c] = product / deviation;
}
