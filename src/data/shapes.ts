// `shapes`, the data set that needs no download: ten kinds of shapes, drawn
// from a seed. It shows in minutes what takes hours on photographs: plain
// training finds it easy, an attack of 8/255 breaks that, and adversarial
// training wins robustness at a visible price. To that end shapes differ from
// their background by 2.5 to 6.5 times what such an attack can bridge, and lie
// under noise, texture and distractors.
//
// The pixels are the same on every machine: all arithmetic is on doubles, with
// the operations that IEEE 754 rounds exactly (+, -, *, / and square roots),
// and rotations are rational points of the circle, so that no sine is taken.
// Image i depends on (seed, split, i) alone: a larger set begins with the
// smaller one. Every class is closed under mirroring, since training flips.

import { UserError } from "../base/errors.ts";
import { whole } from "../base/fields.ts";
import { uniform, words } from "../base/random_sequence.ts";
import { type Dataset, imageBytes, type Split } from "./dataset.ts";
import type { DatasetConfig, DatasetKind } from "./dataset_kind.ts";
import { disk, type Distance, type Outline, OUTLINES } from "./outlines.ts";

/** Options of {@linkcode shapes}. */
export interface ShapesOptions {
  /** 0 to 4,294,967,295; 0 if left out. */
  readonly seed?: number;
  /** The number of training images; 4,096 if left out. */
  readonly train?: number;
  /** The number of test images; 1,024 if left out. */
  readonly test?: number;
}

const SIDE = 32;
const SHAPE = { channels: 3, height: SIDE, width: SIDE } as const;
const BYTES = imageBytes(SHAPE);
const PLANE = SIDE * SIDE;

/** Images that an experiment may ask for: 3 GB of memory. */
const MOST = 1_000_000;

type Range = readonly [low: number, high: number];

// Levels of 0 to 255. An attack of 8/255 bridges 16 of them, 8 from each side.
/** The background's mean in each channel. */
const BACKGROUND: Range = [112, 144];
/** How far a color is from the background, in the channel that differs most. */
const CONTRAST: Range = [40, 104];
/** By how much the background varies from place to place. */
const TEXTURE: Range = [-8, 8];
/** The largest deviation of a single pixel. */
const NOISE = 12;

// Pixels.
const OUTLINE_RADIUS: Range = [9, 12];
/** Where a shape's center may be; mostly all of the shape is visible. */
const OUTLINE_CENTER: Range = [12, 20];
const DISTRACTOR_RADIUS: Range = [1, 2.5];
const DISTRACTORS = 2;

/** The texture's grid has a point every 32 / 3 pixels. */
const GRID = 4;
/** More numbers than the parameters of one image take. */
const PARAMETERS = 128;

/**
 * The data set `shapes`: 32 x 32 images, of which image i shows shape i
 * modulo 10.
 *
 * @throws RangeError when the seed is not a 32-bit unsigned integer or a count
 * is not at least 1
 */
export function shapes(options: ShapesOptions = {}): Dataset {
  const { seed = 0, train = 4096, test = 1024 } = options;
  return {
    name: "shapes",
    title: "Shapes",
    classNames: OUTLINES.map(({ name }) => name),
    shape: SHAPE,
    train: draw(train, { seed, stream: "shapes/train" }),
    test: draw(test, { seed, stream: "shapes/test" }),
    notes: ["The images are synthetic: shapes drawn from a seed."],
  };
}

function draw(
  count: number,
  { seed, stream }: { readonly seed: number; readonly stream: string },
): Split {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(
      `Cannot draw shapes: expected a whole number of at least 1 image but ` +
        `found ${count}`,
    );
  }
  const images = new Uint8Array(count * BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % OUTLINES.length;
    const address = { seed, stream, step: i };
    const choices = new Choices(uniform(address, PARAMETERS));
    const canvas = scene(OUTLINES[labels[i]!]!, choices);
    const noise = words({ ...address, substep: 1 }, BYTES / 4);
    // The clamped view also rounds, halves to even.
    const image = new Uint8ClampedArray(images.buffer, i * BYTES, BYTES);
    for (let at = 0; at < BYTES; at++) {
      const byte = (noise[at >> 2]! >>> 8 * (at & 3)) & 255;
      image[at] = canvas[at]! + NOISE * (byte / 127.5 - 1);
    }
  }
  return { images, labels, count };
}

/** The random choices of one image, taken one after the other. */
class Choices {
  readonly #numbers: Float32Array;
  #taken = 0;

  constructor(numbers: Float32Array) {
    this.#numbers = numbers;
  }

  /** A number from the range. */
  within([low, high]: Range): number {
    return low + (high - low) * this.#numbers[this.#taken++]!;
  }
}

/** One image before noise: (3, 32, 32), about 0 to 255. */
function scene(outline: Outline, choices: Choices): Float64Array {
  const canvas = background(choices);
  for (let i = 0; i < DISTRACTORS; i++) {
    stamp(canvas, {
      distance: disk,
      center: [choices.within([0, SIDE]), choices.within([0, SIDE])],
      radius: choices.within(DISTRACTOR_RADIUS),
      rotation: [1, 0],
      color: colorDifference(choices),
    });
  }
  stamp(canvas, {
    distance: outline.distance,
    center: [choices.within(OUTLINE_CENTER), choices.within(OUTLINE_CENTER)],
    radius: choices.within(OUTLINE_RADIUS),
    rotation: rotation(choices, outline.tilt),
    color: colorDifference(choices),
  });
  return canvas;
}

/** A color and, interpolated between the points of a grid, its texture. */
function background(choices: Choices): Float64Array {
  const canvas = new Float64Array(BYTES);
  for (let channel = 0; channel < 3; channel++) {
    const mean = choices.within(BACKGROUND);
    const grid = Array.from(
      { length: GRID * GRID },
      () => mean + choices.within(TEXTURE),
    );
    for (let i = 0; i < PLANE; i++) {
      const x = (i % SIDE) * (GRID - 1) / SIDE;
      const y = Math.floor(i / SIDE) * (GRID - 1) / SIDE;
      const corner = Math.floor(y) * GRID + Math.floor(x);
      const above = mix(grid[corner]!, grid[corner + 1]!, x % 1);
      const below = mix(grid[corner + GRID]!, grid[corner + GRID + 1]!, x % 1);
      canvas[channel * PLANE + i] = mix(above, below, y % 1);
    }
  }
  return canvas;
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

type Point = readonly [x: number, y: number];
type Color = readonly [red: number, green: number, blue: number];

/** A difference to the background, with full contrast in one channel at least. */
function colorDifference(choices: Choices): Color {
  const contrast = choices.within(CONTRAST);
  const strongest = Math.floor(choices.within([0, 3]));
  const channel = (index: number): number => {
    const share = choices.within([-1, 1]);
    return contrast * (index === strongest ? (share < 0 ? -1 : 1) : share);
  };
  return [channel(0), channel(1), channel(2)];
}

/** The cosine and sine of an angle up to the tilt, half the time turned over. */
function rotation(choices: Choices, tilt: number): Point {
  const t = choices.within([-tilt, tilt]);
  const turn = choices.within([-1, 1]) < 0 ? -1 : 1;
  const square = t * t;
  return [turn * (1 - square) / (1 + square), turn * 2 * t / (1 + square)];
}

interface Stamp {
  readonly distance: Distance;
  readonly center: Point;
  readonly radius: number;
  readonly rotation: Point;
  readonly color: Color;
}

/** Adds the color where the shape is; its edge is one pixel wide. */
function stamp(
  canvas: Float64Array,
  { distance, center: [centerX, centerY], radius, rotation, color }: Stamp,
): void {
  const [cos, sin] = rotation;
  // No shape reaches further.
  const reach = 1.25 * radius + 1;
  const top = Math.max(0, Math.floor(centerY - reach));
  const bottom = Math.min(SIDE, Math.ceil(centerY + reach));
  const left = Math.max(0, Math.floor(centerX - reach));
  const right = Math.min(SIDE, Math.ceil(centerX + reach));
  for (let row = top; row < bottom; row++) {
    const y = (row + 0.5 - centerY) / radius;
    for (let column = left; column < right; column++) {
      const x = (column + 0.5 - centerX) / radius;
      const away = distance(cos * x + sin * y, cos * y - sin * x);
      const coverage = Math.min(1, Math.max(0, 0.5 - radius * away));
      if (coverage === 0) continue;
      for (let channel = 0; channel < 3; channel++) {
        const at = channel * PLANE + row * SIDE + column;
        canvas[at] = canvas[at]! + coverage * color[channel]!;
      }
    }
  }
}

/** `shapes` as a kind. */
export const SHAPES: DatasetKind<
  DatasetConfig<"shapes", Pick<ShapesOptions, "train" | "test">>
> = {
  dataset: "shapes",
  about: "ten kinds of shapes, drawn from a seed",
  fields: {
    train: whole({
      least: 1,
      ceiling: MOST,
      about: "training images, validation included",
    }),
    test: whole({ least: 1, ceiling: MOST, about: "test images" }),
  },
  named: { dataset: "shapes", train: 2304, test: 256 },
  downloads: false,
  extent({ train, test }, { folder }) {
    refuseFolder(folder);
    return { shape: SHAPE, classes: OUTLINES.length, train, test };
  },
  load(config, { folder }) {
    refuseFolder(folder);
    return shapes(config);
  },
};

function refuseFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  throw new UserError(
    `Cannot load shapes from ${folder}: expected no folder, since its images ` +
      "are drawn; for other images choose another recipe",
  );
}
