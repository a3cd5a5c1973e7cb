// dq_logits[n, c] = dloss[n] * (q[n, c] - p[n, c]), where p and q are the softmax
// of the target's and of the prediction's logits.
//
// One invocation per row of the logits (N, C).
//
// uses: linear_index, log_sum_exp

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dloss: array<f32>;
@group(0) @binding(1) var<storage, read> p_logits: array<f32>;
@group(0) @binding(2) var<storage, read> q_logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> dq_logits: array<f32>;
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
  let first = row * args.columns;
  var p_sum = first_term(p_logits[first]);
  var q_sum = first_term(q_logits[first]);
  for (var c = 1u; c < args.columns; c++) {
    p_sum = with_term(p_sum, p_logits[first + c]);
    q_sum = with_term(q_sum, q_logits[first + c]);
  }
  for (var c = 0u; c < args.columns; c++) {
    let p = share(p_logits[first + c], p_sum);
    let q = share(q_logits[first + c], q_sum);
    dq_logits[first + c] = dloss[row] * (q - p);
  }
}
