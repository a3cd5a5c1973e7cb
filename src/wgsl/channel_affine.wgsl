// y = scale * x + shift, plus the residual if RESIDUAL, limited below by 0 if RELU.
//
// x, y and residual are (rows, channels), scale and shift (channels); without a
// residual that binding holds x and is not read. One invocation computes four
// elements a whole grid apart, ITEMS of them written out. Activations are Packed, vectors of channels Element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<storage, read> scale: array<Element>;
@group(0) @binding(2) var<storage, read> shift: array<Element>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read_write> y: array<Packed>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let stride = groups.x * groups.y * WORKGROUP_SIZE;
  let first = linear_index(id, groups);
  let same = stride % args.channels == 0u;
  var factor: Element;
  var summand: Element;
  for (var start = first; start < args.size; start += ITEMS * stride) {
    for (var item = 0u; item < ITEMS; item++) { // unroll
      let i = start + item * stride;
      if (ITEMS == 1u || i < args.size) {
        if (i == first || !same) {
          factor = scale[i % args.channels];
          summand = shift[i % args.channels];
        }
        var value = factor * unpack(x[i]) + summand;
        if (RESIDUAL) {
          value += unpack(residual[i]);
        }
        if (RELU) {
          value = select(value, Element(0), value < Element(0));
        }
        y[i] = pack(value);
      }
    }
  }
}
