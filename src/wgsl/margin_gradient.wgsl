// dlogits[n, c] = dmargin[n] * ([c = other] - [c = labels[n]]), where other is the
// class of the largest logit that is not the label's.
//
// One invocation per row of the logits (N, C).
//
// uses: linear_index, strongest_other

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dmargin: array<f32>;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(4) var<uniform> args: Arguments;

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
  let other = strongest_other(row, label);
  for (var c = 0u; c < args.columns; c++) {
    let sign = select(0.0, 1.0, c == other) - select(0.0, 1.0, c == label);
    dlogits[row * args.columns + c] = dmargin[row] * sign;
  }
}
