// Of what each query has found so far and of a further set of candidates, keeps the
// most similar ones, in falling order: similarities (kept, queries) and the labels
// that belong to them.
//
// One invocation per query, whose neighbors touch neighboring memory. A candidate
// is placed behind those as similar as itself, so that the first of equals wins;
// one that is no number is never kept. The candidates are those from `first` up to,
// not including, `end`.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  queries: u32,
  kept: u32,
  first: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> similarity: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> nearest: array<f32>;
@group(0) @binding(3) var<storage, read_write> nearest_labels: array<u32>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let query = linear_index(id, groups);
  if (query >= args.queries) {
    return;
  }
  let last = (args.kept - 1u) * args.queries + query;
  var least = nearest[last];
  for (var candidate = args.first; candidate < args.end; candidate++) {
    let found = similarity[candidate * args.queries + query];
    if (!(found > least)) {
      continue;
    }
    var place = last;
    while (place >= args.queries && nearest[place - args.queries] < found) {
      nearest[place] = nearest[place - args.queries];
      nearest_labels[place] = nearest_labels[place - args.queries];
      place -= args.queries;
    }
    nearest[place] = found;
    nearest_labels[place] = labels[candidate];
    least = nearest[last];
  }
}
