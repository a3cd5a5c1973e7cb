// dx[n, h, v, c] = sum over r, s, k of dy[n, h + padding - r, v + padding - s, k]
//                  * w[r, s, k, c], the weights with channels swapped,
// plus residual[n, h, v, c] if RESIDUAL, and 0 where mask[n, h, v, c] is not positive if
// MASK. What is not asked for is bound to other operands and not read.
//
// For GPUs and images of one to three channels, with stride 1. One thread owns
// PIXELS neighboring pixels of a row and every LANES-th four of the filters; the LANES
// threads that share pixels read neighboring filters, and their sums are added through
// workgroup memory in order: first halves of the lanes in pairs, so that little of it is
// needed. EXACT says that rows of dy are as long as those of dx, and whole groups.

const LANES = 8u;
const GROUPS = 8u;
const THREADS = LANES * GROUPS;
const COLUMNS = PIXELS + S - 1u;
const RESULTS = PIXELS * CHANNELS;
const VECTORS = RESULTS / 4u;

struct Arguments {
  H: u32,
  W: u32,
  K4: u32,
  P: u32,
  Q: u32,
  R: u32,
  // Groups of PIXELS per row, and in all.
  row_groups: u32,
  groups: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
// Four filters of CHANNELS weights each lie in CHANNELS vectors.
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> args: Arguments;

var<workgroup> sums: array<array<array<vec4f, VECTORS>, LANES / 2u>, GROUPS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let first = (workgroup.y * workgroups.x + workgroup.x) * GROUPS;
  let lane = thread % LANES;
  // Groups that do not exist compute what the last one does, and do not store it.
  let group = min(first + thread / LANES, args.groups - 1u);
  let row = group / args.row_groups;
  let n = row / args.H;
  let h = row % args.H;
  // The column of dy that the first pixel's last tap sees, and the rows that its taps see.
  let q0 = group % args.row_groups * PIXELS + PADDING - (S - 1u);
  let last = h + PADDING;
  let end = min(args.R, last + 1u);
  let from_row = n * args.P;
  var sum: array<f32, RESULTS>;
  for (var r = select(0u, last + 1u - args.P, last >= args.P); r < end; r++) {
    let line = ((from_row + last - r) * args.Q + q0) * args.K4;
    let filters = r * S * args.K4 * CHANNELS;
    for (var k = lane; k < args.K4; k += LANES) {
      var element = line + k;
      var values: array<vec4f, COLUMNS>;
      for (var i = 0u; i < COLUMNS; i++) { // unroll on GPUs
        if (EXACT && i + PADDING >= S - 1u && i + PADDING < PIXELS + S - 1u) {
          values[i] = dy[element];
        } else {
          // Unsigned, so that a place left of the image is a large number.
          let inside = q0 + i < args.Q;
          values[i] = select(vec4f(), dy[select(0u, element, inside)], inside);
        }
        element += args.K4;
      }
      var taps = filters + k * CHANNELS;
      for (var s = 0u; s < S; s++) { // unroll on GPUs
        var weights: array<vec4f, CHANNELS>;
        for (var c = 0u; c < CHANNELS; c++) { // unroll
          weights[c] = w[taps + c];
        }
        taps += args.K4 * CHANNELS;
        for (var e = 0u; e < 4u; e++) { // unroll
          for (var c = 0u; c < CHANNELS; c++) { // unroll
            let weight = weights[(e * CHANNELS + c) / 4u][(e * CHANNELS + c) % 4u];
            for (var i = 0u; i < PIXELS; i++) { // unroll
              sum[i * CHANNELS + c] =
                fma(values[i + S - 1u - s][e], weight, sum[i * CHANNELS + c]);
            }
          }
        }
      }
    }
  }
  for (var j = 0u; j < VECTORS; j++) { // unroll on GPUs
    if (lane >= LANES / 2u) {
      sums[thread / LANES][lane - LANES / 2u][j] =
        vec4f(sum[4u * j], sum[4u * j + 1u], sum[4u * j + 2u], sum[4u * j + 3u]);
    }
  }
  workgroupBarrier();
  for (var j = 0u; j < VECTORS; j++) { // unroll on GPUs
    if (lane < LANES / 2u) {
      sums[thread / LANES][lane][j] +=
        vec4f(sum[4u * j], sum[4u * j + 1u], sum[4u * j + 2u], sum[4u * j + 3u]);
    }
  }
  workgroupBarrier();
  let at = first + thread / VECTORS;
  if (thread < GROUPS * VECTORS && at < args.groups) {
    var total: vec4f;
    for (var l = 0u; l < LANES / 2u; l++) { // unroll
      total += sums[thread / VECTORS][l][thread % VECTORS];
    }
    let place = 4u * (thread % VECTORS);
    let v0 = at % args.row_groups * PIXELS;
    for (var e = 0u; e < 4u; e++) { // unroll on GPUs
      let v = v0 + (place + e) / CHANNELS;
      if (v < args.W) {
        let to = (at / args.row_groups * args.W + v) * CHANNELS + (place + e) % CHANNELS;
        var result = total[e];
        if (RESIDUAL) {
          result += residual[to];
        }
        if (MASK) {
          result = select(result, 0.0, mask[to] <= 0.0);
        }
        dx[to] = result;
      }
    }
  }
}
