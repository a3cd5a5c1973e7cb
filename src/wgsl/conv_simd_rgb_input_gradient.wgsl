// dx, the gradient with respect to images (N, H, W, 3), of a convolution with 16 filters
// of 3x3, stride 1 and one row and column of zeros around; dy is (N, P, Q, 16) and w
// (3, 3, 16, 3), its channels swapped. A residual is added if RESIDUAL, and dx is 0
// where the mask is not positive if MASK.
//
// For software adapters with subgroups of 8 (see conv_simd.wgsl). With three
// results to a pixel it is the 16 channels of dy that fill the lanes: lanes 0 to 3 hold
// four channels each of one strip of four rows, lanes 4 to 7 of another, and only sums
// over all channels cross lanes. Columns of dy are taken one after the other and added
// to the sums of three columns of dx: the one before is complete then.
//
// Past the end, strips are repeated.

struct Arguments {
  H: u32,
  W: u32,
  P: u32,
  Q: u32,
  // Strips of an image, of all images, and pairs of them per workgroup.
  strips_per_image: u32,
  strips: u32,
  pairs: u32,
}

const ROWS = 4u;
const VEC4S = 4u;

@group(0) @binding(0) var<storage, read> dy: array<Packed>;
@group(0) @binding(1) var<uniform> w: array<vec4f, 108>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> args: Arguments;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let vec4_index = lane % VEC4S;
  // Of every tap and image channel, the weights of this lane's four channels of dy.
  var weight: array<vec4f, 27>;
  for (var t = 0u; t < 9u; t++) { // unroll
    let a = w[t * 12u + vec4_index * 3u];
    let b = w[t * 12u + vec4_index * 3u + 1u];
    let c = w[t * 12u + vec4_index * 3u + 2u];
    weight[t * 3u] = vec4f(a.x, a.w, b.z, c.y);
    weight[t * 3u + 1u] = vec4f(a.y, b.x, b.w, c.z);
    weight[t * 3u + 2u] = vec4f(a.z, b.y, c.x, c.w);
  }
  for (var pair = 0u; pair < args.pairs; pair++) {
    let strip = min((group.x * args.pairs + pair) * 2u + lane / VEC4S, args.strips - 1u);
    let n = strip / args.strips_per_image;
    let top = (strip % args.strips_per_image) * ROWS;
    // Sums of the rows in three channels: of the column before, and of this one.
    var before = array<vec3f, ROWS>();
    var current = array<vec3f, ROWS>();
    for (var q = 0u; q <= args.W; q++) {
      var next = array<vec3f, ROWS>();
      for (var i = 0u; i < ROWS + 2u; i++) { // unroll
        // Unsigned, so that a row above the image is a large number.
        let p = top + i - 1u;
        let row = (n * args.P + min(p, args.P - 1u)) * args.Q;
        let value = unpack(dy[(row + min(q, args.Q - 1u)) * VEC4S + vec4_index]) *
          select(0.0, 1.0, p < args.P && q < args.Q);
        for (var r = 0u; r < 3u; r++) { // unroll
          // The row of dx that sees this one through the filter's row r.
          if (i + r >= 2u && i + r < ROWS + 2u) {
            let to = (i + r + ROWS - 2u) % ROWS;
            for (var c = 0u; c < 3u; c++) { // unroll
              before[to][c] += dot(value, weight[r * 9u + c]);
              current[to][c] += dot(value, weight[r * 9u + 3u + c]);
              next[to][c] += dot(value, weight[r * 9u + 6u + c]);
            }
          }
        }
      }
      // A lane stores one row of the column that is complete.
      var own: vec3f;
      for (var i = 0u; i < ROWS; i++) { // unroll
        let half = before[i] + subgroupShuffleXor(before[i], 1u);
        own = select(own, half + subgroupShuffleXor(half, 2u), vec4_index == i);
      }
      let h = top + vec4_index;
      if (q > 0u && h < args.H) {
        let at = ((n * args.H + h) * args.W + q - 1u) * 3u;
        for (var c = 0u; c < 3u; c++) { // unroll
          var result = own[c];
          if (RESIDUAL) {
            result += residual[at + c];
          }
          if (MASK) {
            result = select(result, 0.0, mask[at + c] <= 0.0);
          }
          dx[at + c] = result;
        }
      }
      before = current;
      current = next;
    }
  }
}
