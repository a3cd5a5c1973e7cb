// y[n, p, q, k] = sum over r, s, c of x[n, h, v, c] * w[r, s, c, k], plus shift[k] if
// SHIFT, plus residual[n, p, q, k] if RESIDUAL, limited below by 0 if RELU.
//
// For GPUs and images of one to three channels, which it takes as they are.
// One thread owns PIXELS neighboring outputs of a row and four filters; neighbors own
// neighboring filters, so that they read one place of x, and stores are whole lines. A
// row of inputs is loaded once for all its outputs and taps.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;
const COLUMNS = (PIXELS - 1u) * STRIDE + S;

struct Arguments {
  H: u32,
  W: u32,
  K4: u32,
  P: u32,
  Q: u32,
  R: u32,
  padding: u32,
  // Groups of PIXELS per row, and in all.
  row_groups: u32,
  groups: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read> shift: array<vec4f>;
@group(0) @binding(3) var<storage, read> residual: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  let k = index % args.K4;
  let group = index / args.K4;
  if (group >= args.groups) {
    return;
  }
  let row = group / args.row_groups;
  let n = row / args.P;
  let p = row % args.P;
  let q0 = group % args.row_groups * PIXELS;
  var sum: array<vec4f, PIXELS>;
  for (var r = 0u; r < args.R; r++) {
    // Unsigned, so that a place above or left of the image is a large number.
    let h = p * STRIDE + r - args.padding;
    var values: array<f32, COLUMNS * CHANNELS>;
    for (var i = 0u; i < COLUMNS; i++) { // unroll on GPUs
      let v = q0 * STRIDE + i - args.padding;
      let inside = (h < args.H) & (v < args.W);
      let first = ((n * args.H + h) * args.W + v) * CHANNELS;
      for (var c = 0u; c < CHANNELS; c++) { // unroll
        values[i * CHANNELS + c] = select(0.0, x[select(0u, first + c, inside)], inside);
      }
    }
    for (var t = 0u; t < S * CHANNELS; t++) { // unroll on GPUs
      let weight = w[(r * S * CHANNELS + t) * args.K4 + k];
      for (var i = 0u; i < PIXELS; i++) { // unroll
        sum[i] = fma(vec4f(values[i * STRIDE * CHANNELS + t]), weight, sum[i]);
      }
    }
  }
  for (var i = 0u; i < PIXELS; i++) { // unroll on GPUs
    if (q0 + i < args.Q) {
      let to = (row * args.Q + q0 + i) * args.K4 + k;
      var result = sum[i];
      if (SHIFT) {
        result += shift[k];
      }
      if (RESIDUAL) {
        result += residual[to];
      }
      if (RELU) {
        result = select(result, vec4f(), result < vec4f());
      }
      y[to] = result;
    }
  }
}
