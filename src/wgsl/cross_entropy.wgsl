// loss[n] = log(sum of exp(logits[n, c]) over c) - logits[n, labels[n]].
//
// One invocation per row of the logits (N, C).
//
// uses: linear_index, log_sum_exp

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
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
  var sum = first_term(logits[first]);
  for (var c = 1u; c < args.columns; c++) {
    sum = with_term(sum, logits[first + c]);
  }
  loss[row] = -log_share(logits[first + labels[row]], sum);
}
