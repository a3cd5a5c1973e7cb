// y[n, k] = anchors[n] · bank[rows[n, k]], for anchors (N, D) and a bank (M, D).
//
// One invocation owns one element of y. The rows of the bank are read where they
// are: gathered they would be D times as large as y.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  draws: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> bank: array<f32>;
@group(0) @binding(1) var<storage, read> anchors: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
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
  let anchor = index / args.draws * args.columns;
  let row = rows[index] * args.columns;
  var sum = 0.0;
  for (var d = 0u; d < args.columns; d++) {
    sum += anchors[anchor + d] * bank[row + d];
  }
  y[index] = sum;
}
