// dx[n, h, v, c] = sum over r, s, k of dy[n, h + padding - r, v + padding - s, k]
//                  * w[r, s, k, c], the weights with channels swapped,
// plus residual[n, h, v, c] if RESIDUAL, and 0 where mask[n, h, v, c] is not positive if
// MASK. What is not asked for is bound to other operands and not read.
//
// For GPUs and images of one to three channels, with stride 1. One thread owns
// PIXELS neighboring pixels of a row and every LANES-th four of the filters; the LANES
// threads that share pixels read neighboring filters, and their sums are added through
// workgroup memory in order.

const LANES = 8u;
const GROUPS = 8u;
const THREADS = LANES * GROUPS;
const COLUMNS = PIXELS + S - 1u;
const RESULTS = PIXELS * CHANNELS;

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

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> args: Arguments;

var<workgroup> sums: array<array<array<f32, RESULTS>, LANES>, GROUPS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first = (workgroup.y * workgroups.x + workgroup.x) * GROUPS;
  let lane = thread % LANES;
  let group = first + thread / LANES;
  let row = group / args.row_groups;
  let n = row / args.H;
  let h = row % args.H;
  let v0 = group % args.row_groups * PIXELS;
  var sum: array<f32, RESULTS>;
  for (var r = 0u; r < args.R; r++) {
    // Unsigned, so that a place above or left of the image is a large number.
    let p = h + args.padding - r;
    for (var k = lane; k < args.K4; k += LANES) {
      var values: array<vec4f, COLUMNS>;
      for (var i = 0u; i < COLUMNS; i++) { // unroll
        let q = v0 + i + args.padding - (S - 1u);
        let inside = (group < args.groups) & (p < args.P) & (q < args.Q);
        let element = ((n * args.P + p) * args.Q + q) * args.K4 + k;
        values[i] = select(vec4f(), dy[select(0u, element, inside)], inside);
      }
      for (var s = 0u; s < S; s++) { // unroll
        let taps = ((r * S + s) * args.K4 + k) * 4u * CHANNELS;
        for (var c = 0u; c < CHANNELS; c++) { // unroll
          let weight = vec4f(
            w[taps + c],
            w[taps + CHANNELS + c],
            w[taps + 2u * CHANNELS + c],
            w[taps + 3u * CHANNELS + c],
          );
          for (var i = 0u; i < PIXELS; i++) { // unroll
            sum[i * CHANNELS + c] += dot(values[i + S - 1u - s], weight);
          }
        }
      }
    }
  }
  for (var i = 0u; i < RESULTS; i++) { // unroll
    sums[thread / LANES][lane][i] = sum[i];
  }
  workgroupBarrier();
  for (var result = thread; result < GROUPS * RESULTS; result += THREADS) {
    let at = first + result / RESULTS;
    let place = result % RESULTS;
    let v = at % args.row_groups * PIXELS + place / CHANNELS;
    if (at < args.groups && v < args.W) {
      var total = 0.0;
      for (var l = 0u; l < LANES; l++) { // unroll
        total += sums[result / RESULTS][l][place];
      }
      let to = (at / args.row_groups * args.W + v) * CHANNELS + place % CHANNELS;
      if (RESIDUAL) {
        total += residual[to];
      }
      if (MASK) {
        total = select(total, 0.0, mask[to] <= 0.0);
      }
      dx[to] = total;
    }
  }
}
