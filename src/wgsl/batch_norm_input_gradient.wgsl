// dx = a g + b x + d, where g = dy, or dy where y > 0 if RELU (without it, that
// binding holds dy and is not read).
//
// x, dy, y and dx are (rows, channels), coefficients (3, channels) holds a, b and
// d. One invocation computes ITEMS elements a whole grid apart.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

struct Arguments {
  size: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read> y: array<Stored>;
@group(0) @binding(3) var<storage, read> coefficients: array<Element>;
@group(0) @binding(4) var<storage, read_write> dx: array<Stored>;
@group(0) @binding(5) var<uniform> args: Arguments;

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
      let c = i % args.channels;
      var g = Element(dy[i]);
      if (RELU) {
        g = select(g, Element(0), Element(y[i]) <= Element(0));
      }
      dx[i] = Stored(
        coefficients[c] * g + coefficients[args.channels + c] * Element(x[i]) +
          coefficients[2u * args.channels + c],
      );
    }
  }
}
