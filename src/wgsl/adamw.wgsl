// m <- m + (1 - beta1) * (g - m),  with g the gradient / loss_scale
// v <- beta2 * v + (1 - beta2) * g * g
// w <- (1 - learning_rate * weight_decay) * w
// w <- w - learning_rate / first * m / (sqrt(v) / sqrt(second) + epsilon)
//
// AdamW as PyTorch writes it, with decoupled weight decay. The scalars `first` and
// `second` are 1 - beta^step, which the host computes in double precision; so are
// `fresh1` and `fresh2`, which are 1 - beta. Flat parameters w, gradients g, moments m
// and squares v have one size, four elements at a time where `Element` is vec4f.
// Gradients are multiples of loss_scale, a power of two, if SCALED.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  size: u32,
  fresh1: f32,
  beta2: f32,
  fresh2: f32,
  epsilon: f32,
  weight_decay: f32,
  loss_scale: f32,
}

@group(0) @binding(0) var<storage, read> gradients: array<Element>;
@group(0) @binding(1) var<storage, read> learning_rate: f32;
@group(0) @binding(2) var<storage, read> first: f32;
@group(0) @binding(3) var<storage, read> second: f32;
@group(0) @binding(4) var<storage, read_write> parameters: array<Element>;
@group(0) @binding(5) var<storage, read_write> moments: array<Element>;
@group(0) @binding(6) var<storage, read_write> squares: array<Element>;
@group(0) @binding(7) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i >= args.size) {
    return;
  }
  var g = gradients[i];
  if (SCALED) {
    g /= args.loss_scale;
  }
  let m = moments[i] + args.fresh1 * (g - moments[i]);
  let v = args.beta2 * squares[i] + args.fresh2 * g * g;
  let root = sqrt(v) / sqrt(second) + args.epsilon;
  let w = (1.0 - learning_rate * args.weight_decay) * parameters[i];
  moments[i] = m;
  squares[i] = v;
  parameters[i] = w - (learning_rate / first) * m / root;
}
