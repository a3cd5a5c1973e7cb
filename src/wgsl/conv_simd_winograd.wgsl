// y = x * w for filters of 3x3 with stride 1 over 16 channels, by Winograd's method in
// tiles of 2x2 outputs (see winograd_2.wgsl), and what an epilogue makes of it.
//
// For software adapters with subgroups of 8. Transformed filters are what a
// lane keeps: it owns two of a workgroup's 16 filters in all 16 channels and places, 512
// numbers, which the compiler puts on the stack, from where a multiplication reads them
// for nothing. They come from a uniform buffer, since its loads have no branches, which
// would take the compiler a minute.
//
// A workgroup walks along strips, rows of tiles, two at a time: lanes 0 to 3 load and
// transform four channels each of one strip, lanes 4 to 7 of the other. The values are
// handed round by broadcasts. Neighboring tiles share two columns, which are carried.
// At the end, lanes exchange sums, so that each has four filters of its strip to write.
// Past the end, strips are repeated. What an epilogue lacks is not read. Its
// flags are arguments, so that all layers share one pipeline: it takes seconds to compile.
//
// x is (N, H, W, 16), u (16, 16, FILTERS), y (N, P, Q, FILTERS), with one
// row and column of zeros around x.

struct Arguments {
  H: u32,
  W: u32,
  P: u32,
  Q: u32,
  // Rows of tiles: of an image, of all images, and pairs of them per workgroup.
  strips_per_image: u32,
  strips: u32,
  pairs: u32,
  has_shift: u32,
  has_residual: u32,
  has_mask: u32,
  has_relu: u32,
}

const CHANNELS = 16u;
const VEC4S = 4u;
const K4 = FILTERS / 4u;
// Numbers of a lane, two for each place and channel.
const WEIGHTS = 256u;

@group(0) @binding(0) var<storage, read> x: array<Packed>;
@group(0) @binding(1) var<uniform> u: array<vec4f, FILTERS * 64u>;
@group(0) @binding(2) var<storage, read> shift: array<Packed>;
@group(0) @binding(3) var<storage, read> residual: array<Packed>;
@group(0) @binding(4) var<storage, read> mask: array<Packed>;
@group(0) @binding(5) var<storage, read_write> y: array<Packed>;
@group(0) @binding(6) var<uniform> args: Arguments;

// A column of inputs, transformed downwards.
fn column(d: array<vec4f, 4>) -> array<vec4f, 4> {
  return array<vec4f, 4>(d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]);
}

// What becomes of four filters' sums at a place of the output.
fn epilogue(sum: vec4f, at: u32, added: vec4f) -> Packed {
  var result = sum + added;
  if (args.has_residual != 0u) {
    result += unpack(residual[at]);
  }
  if (args.has_relu != 0u) {
    result = select(result, vec4f(), result < vec4f());
  }
  if (args.has_mask != 0u) {
    result = select(result, vec4f(), unpack(mask[at]) <= vec4f());
  }
  return pack(result);
}

// All four filters of the lane's own strip, from two filters of both strips.
fn exchanged(sums: vec4f, low: bool) -> vec4f {
  let got = subgroupShuffleXor(select(sums.xy, sums.zw, low), 4u);
  return select(vec4f(got, sums.zw), vec4f(sums.xy, got), low);
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Both halves load all 16 filters, of even and of odd channels: each keeps half of
  // its own and exchanges the rest.
  let low = lane < VEC4S;
  let vec4_index = lane % VEC4S;
  let first = group.y * VEC4S + vec4_index;
  // Not unrolled: loads written out take most of the time to compile.
  var loads: array<vec2f, WEIGHTS>;
  for (var i = 0u; i < WEIGHTS; i += 2u) {
    let loaded = u[(i + lane / VEC4S) * K4 + first];
    let kept = select(loaded.zw, loaded.xy, low);
    let got = subgroupShuffleXor(select(loaded.xy, loaded.zw, low), 4u);
    loads[i] = select(got, kept, low);
    loads[i + 1u] = select(kept, got, low);
  }
  var weight: array<vec2f, WEIGHTS>;
  for (var i = 0u; i < WEIGHTS; i++) { // unroll
    weight[i] = loads[i];
  }
  var added = vec4f();
  if (args.has_shift != 0u) {
    added = unpack(shift[first]);
  }

  for (var pair = 0u; pair < args.pairs; pair++) {
    let strip = (group.x * args.pairs + pair) * 2u;
    let own = min(strip + lane / VEC4S, args.strips - 1u);
    let n = own / args.strips_per_image;
    let top = i32(own % args.strips_per_image) * 2 - 1;
    var inside: array<f32, 4>;
    var row: array<u32, 4>;
    for (var i = 0u; i < 4u; i++) { // unroll
      let h = top + i32(i);
      inside[i] = select(0.0, 1.0, h >= 0 && h < i32(args.H));
      row[i] = (n * args.H + u32(clamp(h, 0, i32(args.H) - 1))) * args.W * VEC4S + vec4_index;
    }

    // The first tile begins with a column of zeros and the image's first.
    var start: array<vec4f, 4>;
    for (var i = 0u; i < 4u; i++) { // unroll
      start[i] = unpack(x[row[i]]) * inside[i];
    }
    var c0 = array<vec4f, 4>();
    var c1 = column(start);
    for (var q = 0u; q < args.Q; q += 2u) {
      var d2: array<vec4f, 4>;
      var d3: array<vec4f, 4>;
      let in2 = select(0.0, 1.0, q + 1u < args.W);
      let in3 = select(0.0, 1.0, q + 2u < args.W);
      let v2 = min(q + 1u, args.W - 1u) * VEC4S;
      let v3 = min(q + 2u, args.W - 1u) * VEC4S;
      for (var i = 0u; i < 4u; i++) { // unroll
        d2[i] = unpack(x[row[i] + v2]) * (inside[i] * in2);
        d3[i] = unpack(x[row[i] + v3]) * (inside[i] * in3);
      }
      let c2 = column(d2);
      let c3 = column(d3);

      // Products of both strips, at the 4x4 places.
      var product: array<vec4f, 16>;
      for (var r = 0u; r < 4u; r++) { // unroll
        let v = array<vec4f, 4>(
          c0[r] - c2[r],
          c1[r] + c2[r],
          c2[r] - c1[r],
          c1[r] - c3[r],
        );
        for (var s = 0u; s < 4u; s++) { // unroll
          // In two parts, which is faster, and errs less.
          var sum = array<vec4f, 2>();
          for (var c = 0u; c < CHANNELS; c++) { // unroll
            let a = subgroupBroadcast(v[s][c % 4u], c / 4u);
            let b = subgroupBroadcast(v[s][c % 4u], 4u + c / 4u);
            sum[c % 2u] += vec4f(a, a, b, b) * weight[(r * 4u + s) * CHANNELS + c].xyxy;
          }
          product[r * 4u + s] = sum[0] + sum[1];
        }
      }
      c0 = c2;
      c1 = c3;

      for (var i = 0u; i < 2u; i++) { // unroll
        var z: array<vec4f, 4>;
        for (var s = 0u; s < 4u; s++) { // unroll
          if (i == 0u) {
            z[s] = product[s] + product[4u + s] + product[8u + s];
          } else {
            z[s] = product[4u + s] - product[8u + s] - product[12u + s];
          }
        }
        let left = exchanged(z[0] + z[1] + z[2], low);
        let right = exchanged(z[1] - z[2] - z[3], low);
        let p = (own % args.strips_per_image) * 2u + i;
        let at = ((n * args.P + p) * args.Q + q) * K4 + first;
        if (p < args.P) {
          y[at] = epilogue(left, at, added);
          if (q + 1u < args.Q) {
            y[at + K4] = epilogue(right, at + K4, added);
          }
        }
      }
    }
  }
}
