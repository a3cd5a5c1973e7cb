// margin[n] = (max of logits[n, c] over c other than labels[n]) - logits[n,
// labels[n]].
//
// One invocation per row of the logits (N, C).
//
// uses: linear_index, strongest_other

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> margin: array<f32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let row = linear_index(id, groups);
  if (row >= args.rows) {
    return;
  }
  let first = row * args.columns;
  let label = labels[row];
  let other = strongest_other(row, label);
  margin[row] = logits[first + other] - logits[first + label];
}
