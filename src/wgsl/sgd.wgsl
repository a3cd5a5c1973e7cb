// v <- momentum * v + (g / loss_scale + weight_decay * w)
// w <- w - learning_rate * v,  or with Nesterov's momentum
// w <- w - learning_rate * (g / loss_scale + weight_decay * w + momentum * v)
//
// Stochastic gradient descent as PyTorch writes it: the learning rate multiplies
// the velocity and is not part of it. Flat parameters w, gradients g and velocity
// v have one size, four elements at a time where `Element` is vec4f. Gradients are
// multiples of loss_scale, a power of two, if SCALED.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  nesterov: u32,
  momentum: f32,
  weight_decay: f32,
  loss_scale: f32,
}

@group(0) @binding(0) var<storage, read> gradients: array<Element>;
@group(0) @binding(1) var<storage, read> learning_rate: f32;
@group(0) @binding(2) var<storage, read_write> parameters: array<Element>;
@group(0) @binding(3) var<storage, read_write> velocity: array<Element>;
@group(0) @binding(4) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size) {
    return;
  }
  let w = parameters[i];
  var g = gradients[i];
  if (SCALED) {
    g /= args.loss_scale;
  }
  g += args.weight_decay * w;
  let v = args.momentum * velocity[i] + g;
  var direction = v;
  if (args.nesterov == 1u) {
    direction = g + args.momentum * v;
  }
  velocity[i] = v;
  parameters[i] = w - learning_rate * direction;
}
