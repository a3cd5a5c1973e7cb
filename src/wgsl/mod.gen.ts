export type ShaderName =
  | "copy"
  | "fill"
  | "linear_index"
  | "pointwise"
  | "reduce_sum"
  | "repeat_axis";
export const WGSL: Readonly<Record<ShaderName, string>> = {
  copy: `// y = x, for values that cannot be computed in place.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i < arrayLength(&y)) {
    y[i] = x[i];
  }
}
`,
  fill: `// y = value, in every element.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  value: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let i = linear_index(id, groups);
  if (i < arrayLength(&y)) {
    y[i] = args.value;
  }
}
`,
  linear_index: `// The place of an invocation in a one-dimensional grid that the host folded into
// two dimensions (\`linearGrid\`), because one dimension holds 65,535 workgroups.
fn linear_index(id: vec3u, groups: vec3u) -> u32 {
  return id.y * groups.x * WORKGROUP_SIZE + id.x;
}
`,
  pointwise: `// y[i] = value(i): one expression of the elements at one place of every input.
//
// The host declares \`Element\` (f32 or vec4f), the bindings, \`output\` and \`value\`
// for each expression (src/ops/pointwise.ts). One invocation computes ITEMS
// elements that lie a whole grid apart, so that neighbors touch neighbors.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const ITEMS = 4u;

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
      output[i] = value(i);
    }
  }
}
`,
  reduce_sum: `// y[o, s, i] = factor * sum over r in chunk s of x[o, r, i]: the middle axis of a tensor
// (outer, reduced, inner), in \`chunks\` partial sums that a second dispatch adds.
//
// One invocation adds one chunk in order, so equal inputs give equal bytes. The
// host chooses chunks of at most a few hundred terms.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  reduced: u32,
  inner: u32,
  chunks: u32,
  chunk: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.outer * args.chunks * args.inner) {
    return;
  }
  let i = index % args.inner;
  let s = (index / args.inner) % args.chunks;
  let o = index / (args.inner * args.chunks);
  let end = min((s + 1u) * args.chunk, args.reduced);
  var sum = 0.0;
  for (var r = s * args.chunk; r < end; r++) {
    sum += x[(o * args.reduced + r) * args.inner + i];
  }
  y[index] = args.factor * sum;
}
`,
  repeat_axis: `// y[o, r, i] = factor * x[o, i]: repeats a tensor (outer, inner) along a middle
// axis, the derivative of a sum over that axis.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  outer: u32,
  repeated: u32,
  inner: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.outer * args.repeated * args.inner) {
    return;
  }
  let i = index % args.inner;
  let o = index / (args.inner * args.repeated);
  y[index] = args.factor * x[o * args.inner + i];
}
`,
};
