// dx = a dy + b x + d, plus the residual if RESIDUAL; x, dy, dx and the residual are
// (rows, channels), coefficients (3, channels) holds a, b and d. Without a residual
// that binding holds x and is not read.
//
// One invocation computes four elements a whole grid apart, ITEMS of them written out.
// Where the grid is a multiple of the channels they are of one channel, whose
// coefficients are loaded once.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> dy: array<Packed>;
@group(0) @binding(2) var<storage, read> coefficients: array<Element>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read_write> dx: array<Packed>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let stride = groups.x * groups.y * WORKGROUP_SIZE;
  let first = linear_index(id, groups);
  let same = stride % args.channels == 0u;
  var a: Element;
  var b: Element;
  var d: Element;
  for (var start = first; start < args.size; start += ITEMS * stride) {
    for (var item = 0u; item < ITEMS; item++) { // unroll
      let i = start + item * stride;
      if (ITEMS == 1u || i < args.size) {
        if (i == first || !same) {
          let c = i % args.channels;
          a = coefficients[c];
          b = coefficients[args.channels + c];
          d = coefficients[2u * args.channels + c];
        }
        var value = a * unpack(dy[i]) + b * unpack(x[i]) + d;
        if (RESIDUAL) {
          value += unpack(residual[i]);
        }
        dx[i] = pack(value);
      }
    }
  }
}
