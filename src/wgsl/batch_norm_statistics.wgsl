// mean[c] = pivot[c] + s / rows,  variance[c] = q / rows - (s / rows)^2 (biased),
// where s and q are the sums over blocks of partial[b, 0, c] and partial[b, 1, c].
//
// One invocation owns one element of the channels and adds the blocks in order.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  channels: u32,
  blocks: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> partial: array<Element>;
@group(0) @binding(2) var<storage, read_write> mean: array<Element>;
@group(0) @binding(3) var<storage, read_write> variance: array<Element>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let c = linear_index(id, groups);
  if (c >= args.channels) {
    return;
  }
  var sum = Element(0);
  var squares = Element(0);
  for (var b = 0u; b < args.blocks; b++) {
    sum += partial[2u * b * args.channels + c];
    squares += partial[(2u * b + 1u) * args.channels + c];
  }
  let shift = sum / Element(f32(args.rows));
  mean[c] = Element(x[c]) + shift;
  variance[c] = max(squares / Element(f32(args.rows)) - shift * shift, Element(0));
}
