// An image as decoders give it.

/** Pixels of one image, row by row. */
export interface Pixels {
  /** The number of rows. */
  readonly height: number;
  /** The number of columns. */
  readonly width: number;
  /** (height, width, 3), red, green and blue side by side, 0 to 255. */
  readonly data: Uint8Array;
}

/** The extent of an image. */
export type Extent = Pick<Pixels, "height" | "width">;
