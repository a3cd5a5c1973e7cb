// parts[n, p, d] = sum of dy[n, k] * bank[rows[n, k], d] over the k of part p: what
// the anchors' gradient (N, D) is the sum of.
//
// One invocation owns one element of parts; neighboring ones read neighboring
// columns of one row of the bank.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  draws: u32,
  columns: u32,
  parts: u32,
  part: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> bank: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.size) {
    return;
  }
  let d = index % args.columns;
  let p = index / args.columns % args.parts;
  let n = index / args.columns / args.parts;
  let end = min((p + 1u) * args.part, args.draws);
  var sum = 0.0;
  for (var k = p * args.part; k < end; k++) {
    let at = n * args.draws + k;
    sum += dy[at] * bank[rows[at] * args.columns + d];
  }
  parts[index] = sum;
}
