// partial[b, 0, c] = sum over the rows m of block b of (x[m, c] - pivot[c])
// partial[b, 1, c] = the same sum of squares,                pivot[c] = x[0, c]
//
// x is (rows, channels), all pixels of a batch. Sums relative to any value of the
// channel keep their digits where the mean is large beside the deviation, and the
// blocks' sums simply add up. One invocation owns one element (four channels where
// `Element` is vec4f) of one block, which x packs.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  channels: u32,
  block: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read_write> partial: array<Element>;
@group(0) @binding(2) var<uniform> args: Arguments;

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
  let pivot = unpack(x[c]);
  var sum = Element(0);
  var squares = Element(0);
  for (var m = first; m < last; m++) {
    let deviation = unpack(x[m * args.channels + c]) - pivot;
    sum += deviation;
    squares += deviation * deviation;
  }
  partial[2u * b * args.channels + c] = sum;
  partial[(2u * b + 1u) * args.channels + c] = squares;
}
