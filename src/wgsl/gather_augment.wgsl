// x[n, h, w, c] = images[order[position + n]] at (c, h + dy, w' + dx) / 255, and 0
// outside the image (numbers, where FLOATS is true, as they are);  y[n] = labels[order[position + n]].  Here dy and dx are
// uniform in [-padding, padding], and w' is w or, with probability 1/2, its mirror.
// A square of side `cutout` in x[n], whose center is uniform over the image, is 0.
//
// images holds bytes (count, C, H, W), four to a word, or numbers, one to a word; x is
// (N, H, W, C). One
// invocation owns one pixel, and the first of an image its label. The draws of
// element n of the batch are Philox block `first_row` + n: words 0 and 1 are the offsets, the
// top bit of word 2 is the flip, word 3 the row of the square's center and the rest of
// word 2 its column. `images` may be a part of the data set, from
// image `first_image` on; pixels of other images are left to another dispatch.
//
// uses: linear_index, philox

const WORKGROUP_SIZE = 64u;

struct Arguments {
  batch: u32,
  height: u32,
  width: u32,
  padding: u32,
  flip: u32,
  cutout: u32,
  seed: u32,
  stream: u32,
  has_substep: u32,
  first_image: u32,
  images: u32,
  first_row: u32,
}

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> position: u32;
@group(0) @binding(4) var<storage, read> training_step: u32;
@group(0) @binding(5) var<storage, read> substep: u32;
@group(0) @binding(6) var<storage, read_write> x: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<u32>;
@group(0) @binding(8) var<uniform> args: Arguments;

// byte / 255, correctly rounded, which a division in WGSL need not be. Since 255
// is 2^8 - 1, the quotient's binary digits are the byte's, repeated; 24 of them
// from the first one on are kept, and the next one rounds.
fn unit_byte(byte: u32) -> f32 {
  let digits = byte * 0x01010101u;
  let dropped = 8u - min(countLeadingZeros(digits), 7u);
  let kept = (digits >> dropped) + ((digits >> (dropped - 1u)) & 1u);
  return f32(kept) * f32(1u << dropped) * 0x1p-32f;
}

// The random changes of one image.
struct Draw {
  // Where its crop starts, relative to the image: rows, columns.
  crop: vec2u,
  mirrored: bool,
  // Where the square of zeros starts; wrapped around where that is before the image.
  cutout: vec2u,
}

fn draw(n: u32) -> Draw {
  if (args.padding == 0u && args.flip == 0u && args.cutout == 0u) {
    return Draw(vec2u(0), false, vec2u(0));
  }
  let place = vec4u(args.first_row + n, training_step, substep * args.has_substep, 0u);
  let words = philox(place, vec2u(args.seed, args.stream));
  let choices = 2u * args.padding + 1u;
  let center = vec2u(
    multiply_high(words.w, args.height),
    multiply_high(words.z << 1u, args.width),
  );
  return Draw(
    vec2u(
      multiply_high(words.x, choices) - args.padding,
      multiply_high(words.y, choices) - args.padding,
    ),
    (words.z >> 31u) * args.flip == 1u,
    center - args.cutout / 2u,
  );
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let pixel = linear_index(id, groups);
  let area = args.height * args.width;
  let n = pixel / area;
  if (n >= args.batch) {
    return;
  }
  let image = order[min(position + n, arrayLength(&order) - 1u)];
  let local_image = image - args.first_image;
  if (local_image >= args.images) {
    return;
  }
  if (pixel % area == 0u) {
    y[n] = labels[image];
  }
  let choice = draw(n);
  let row = (pixel % area) / args.width;
  let column = pixel % args.width;
  let mirrored = args.width - 1u - column;
  // Unsigned, so that a place before the image wraps to a large number.
  let h = row + choice.crop.x;
  let w = select(column, mirrored, choice.mirrored) + choice.crop.y;
  let erased = row - choice.cutout.x < args.cutout &&
    column - choice.cutout.y < args.cutout;
  let inside = h < args.height && w < args.width && !erased;
  for (var c = 0u; c < CHANNELS; c++) { // unroll
    var value = 0.0;
    if (inside) {
      let place = (local_image * CHANNELS + c) * area + h * args.width + w;
      if (FLOATS) {
        value = bitcast<f32>(images[place]);
      } else {
        value = unit_byte((images[place / 4u] >> (8u * (place % 4u))) & 0xffu);
      }
    }
    x[CHANNELS * pixel + c] = value;
  }
}
