// y[i] = y[i] + STEP: a dispatch with next to nothing to do. Kernels with another STEP
// are other pipelines.

@group(0) @binding(0) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] += STEP;
}
