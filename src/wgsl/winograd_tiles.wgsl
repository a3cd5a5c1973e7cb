// Where a tile of TILE x TILE outputs lies, among the tiles of all images.

struct Arguments {
  // Rows, columns and channels of the images, channels in lanes.
  H: u32,
  W: u32,
  C: u32,
  // Channels of a transformed tile, padded with zeros, in lanes.
  padded_C: u32,
  // Rows and columns of tiles of an image.
  tiles_h: u32,
  tiles_w: u32,
  // The first tile that is transformed, and their number.
  first: u32,
  tiles: u32,
  // Rows and columns by which a tile begins before its outputs.
  padding: u32,
}

// Image, and row and column of the first output.
fn place_of_tile(tile: u32) -> vec3u {
  let row = tile / args.tiles_w;
  return vec3u(
    row / args.tiles_h,
    row % args.tiles_h * TILE,
    tile % args.tiles_w * TILE,
  );
}
