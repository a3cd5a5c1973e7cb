// classes[n] = the class with the rank-th largest of logits[n, c] over c, where 1 is
// the largest; without labels[n] among them where `skip_label` is 1. Of equal logits
// the first is larger, and one that is not a number is larger than all that are.
//
// One invocation per element of the logits (N, C) counts those that are larger; the
// one that finds rank - 1 of them writes. The order is total, so exactly one does.
//
// uses: linear_index, is_nan

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
  rank: u32,
  skip_label: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> classes: array<u32>;
@group(0) @binding(3) var<uniform> args: Arguments;

fn is_skipped(row: u32, c: u32) -> bool {
  return args.skip_label == 1u && labels[row] == c;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.rows * args.columns) {
    return;
  }
  let row = index / args.columns;
  let own = index % args.columns;
  if (is_skipped(row, own)) {
    return;
  }
  let z = logits[index];
  let lost = is_nan(z);
  var larger = 0u;
  for (var c = 0u; c < args.columns; c++) {
    let other = logits[row * args.columns + c];
    let before = c < own;
    let beaten = (is_nan(other) && (!lost || before)) ||
      (!lost && (other > z || (other == z && before)));
    if (c != own && !is_skipped(row, c) && beaten) {
      larger++;
    }
  }
  if (larger + 1u == args.rank) {
    classes[row] = own;
  }
}
