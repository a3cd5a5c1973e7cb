// x' <- clip(x + clamp(x' + step_size * sign(g) - x, -epsilon, epsilon), 0, 1)
//
// One step of projected gradient ascent under the maximum norm, in place:
// adversarial x', clean x and gradient g have one shape, four elements at a time
// where `Element` is vec4f. A gradient of NaN makes its pixel NaN, although
// PyTorch's sign(NaN) is 0: a model that cannot be attacked must not look robust.
//
// uses: linear_index, limit

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  epsilon: f32,
  step_size: f32,
}

@group(0) @binding(0) var<storage, read> clean: array<Element>;
@group(0) @binding(1) var<storage, read> gradient: array<Element>;
@group(0) @binding(2) var<storage, read_write> adversarial: array<Element>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size) {
    return;
  }
  let g = gradient[i];
  let sign = select(
    select(g, Element(1), g > Element(0)),
    Element(-1),
    g < Element(0),
  );
  let moved = adversarial[i] + args.step_size * sign;
  let low = Element(-args.epsilon);
  let high = Element(args.epsilon);
  let difference = limit(moved - clean[i], low, high);
  adversarial[i] = limit(clean[i] + difference, Element(0), Element(1));
}
