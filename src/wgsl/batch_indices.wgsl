// indices[n] = order[position + n], or the order's last where it ends before that:
// which images gather_augment takes.
//
// One invocation owns one index.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  batch: u32,
}

@group(0) @binding(0) var<storage, read> order: array<u32>;
@group(0) @binding(1) var<storage, read> position: u32;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let n = linear_index(id, groups);
  if (n >= args.batch) {
    return;
  }
  indices[n] = order[min(position + n, arrayLength(&order) - 1u)];
}
