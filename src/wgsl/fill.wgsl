// y = word, in every element: the bits of a number of any four-byte type.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  word: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i < arrayLength(&y)) {
    y[i] = args.word;
  }
}
