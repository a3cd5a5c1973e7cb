// dlogits[n, c] = dloss[n] * (p[n, c] - [c = labels[n]]), with p = softmax(logits).
//
// One invocation per row of the logits (N, C). The entry of the true class is minus
// the sum of the others: as p - 1 it would be 0 as soon as p rounds to 1, and an
// attack would find no direction where the network is sure.
//
// uses: linear_index, log_sum_exp

const WORKGROUP_SIZE = 64u;

struct Arguments {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<storage, read> dloss: array<f32>;
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
  let first = row * args.columns;
  var sum = first_term(logits[first]);
  for (var c = 1u; c < args.columns; c++) {
    sum = with_term(sum, logits[first + c]);
  }
  let label = labels[row];
  var others = 0.0;
  for (var c = 0u; c < args.columns; c++) {
    if (c != label) {
      let p = share(logits[first + c], sum);
      dlogits[first + c] = dloss[row] * p;
      others += p;
    }
  }
  dlogits[first + label] = -dloss[row] * others;
}
