// dx[n, h, w, c] = the sum of dy over the windows whose largest number is the pixel's,
// by pixels, which has its place h W + w. dx is (N, H, W, C), dy and pixels
// (N, P, Q, C). One invocation owns one number of dx.
//
// uses: linear_index

const WORKGROUP_SIZE = 64u;

struct Arguments {
  N: u32,
  H: u32,
  W: u32,
  C: u32,
  P: u32,
  Q: u32,
  window_size: u32,
  stride: u32,
  padding: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<Stored>;
@group(0) @binding(1) var<storage, read> pixels: array<u32>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;
@group(0) @binding(3) var<uniform> args: Arguments;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let index = linear_index(id, groups);
  if (index >= args.N * args.H * args.W * args.C) {
    return;
  }
  let c = index % args.C;
  let w = index / args.C % args.W;
  let h = index / (args.C * args.W) % args.H;
  let n = index / (args.C * args.W * args.H);
  // The windows that hold this pixel.
  let low = h + args.padding;
  let left = w + args.padding;
  let size = args.window_size;
  let first_p = select(0u, (low - size) / args.stride + 1u, low >= size);
  let first_q = select(0u, (left - size) / args.stride + 1u, left >= size);
  let last_p = min(low / args.stride + 1u, args.P);
  let last_q = min(left / args.stride + 1u, args.Q);
  var sum = 0.0;
  for (var p = first_p; p < last_p; p++) {
    for (var q = first_q; q < last_q; q++) {
      let at = ((n * args.P + p) * args.Q + q) * args.C + c;
      if (pixels[at] == h * args.W + w) {
        sum += f32(dy[at]);
      }
    }
  }
  dx[index] = Stored(sum);
}
