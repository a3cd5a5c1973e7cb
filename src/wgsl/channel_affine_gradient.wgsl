// dx = scale * dy, plus the residual if RESIDUAL; dx, dy and the residual are (rows,
// channels), scale (channels). Without a residual that binding holds dy and is not read.
//
// One invocation computes ITEMS elements a whole grid apart. Activations are Stored,
// scale is Element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

struct Arguments {
  size: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<Stored>;
@group(0) @binding(1) var<storage, read> scale: array<Element>;
@group(0) @binding(2) var<storage, read> residual: array<Stored>;
@group(0) @binding(3) var<storage, read_write> dx: array<Stored>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let stride = groups.x * groups.y * WORKGROUP_SIZE;
  let first = linear_index(id, groups);
  for (var item = 0u; item < ITEMS; item++) { // unroll
    let i = first + item * stride;
    if (i < args.size) {
      var value = scale[i % args.channels] * Element(dy[i]);
      if (RESIDUAL) {
        value += Element(residual[i]);
      }
      dx[i] = Stored(value);
    }
  }
}
