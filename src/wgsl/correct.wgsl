// correct[n] = 1 where the first largest of logits[n, c] over c is at labels[n],
// else 0.
//
// One invocation per row of the logits (N, C). A row is wrong if any of its logits
// is not a number: nothing can be said to be its largest.
//
// uses: linear_index, is_nan

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> correct: array<f32>;
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
  let label = labels[row];
  let own = logits[row * args.columns + label];
  var beaten = false;
  for (var c = 0u; c < args.columns; c++) {
    let z = logits[row * args.columns + c];
    beaten = beaten || is_nan(z) || z > own || (z == own && c < label);
  }
  correct[row] = select(1.0, 0.0, beaten);
}
