// `shapes`, the data set that needs no download: ten kinds of figures, 32 x 32,
// drawn from a seed. It is made to show in minutes what takes days on real
// images: plain training finds it easy, an attack of 8/255 breaks that, and
// adversarial training wins robustness at a visible price. For that, figures
// differ from their background by little more than twice such an attack, in
// color, under noise, texture and distractors.
//
// The pixels are the same on every machine: the arithmetic is that of doubles
// with +, -, *, / and square roots, which IEEE 754 rounds exactly, and rotations
// come from rational points of the circle, so that no sine is ever taken. Image
// i depends on (seed, split, i) alone: a larger set begins with the smaller one.
// Every class is closed under mirroring, since training flips images.

import { words } from "../random/sequence.ts";
import { type Dataset, imageBytes, type Split } from "./dataset.ts";
import { FIGURES } from "./figures.ts";

/** What {@linkcode shapes} makes. */
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
const PARAMETERS = 128;

const P = JSON.parse(Deno.env.get("P") ?? "{}");
/** How far the figure's color is from the background's, 0 to 255. */
const CONTRAST = P.contrast ?? [24, 72] as const;
/** The largest deviation of a pixel by noise, and of a patch by texture. */
const NOISE = P.noise ?? 20;
const TEXTURE = P.texture ?? 20;
const RADIUS = P.radius ?? [7, 11] as const;
const DISTRACTORS = P.distractors ?? 3;
const GRID = 4;
const BASE = P.base ?? [72, 184];
const JITTER = P.jitter ?? 99;
const TILT = P.tilt ?? 1;

/**
 * The data set `shapes`: image i shows figure i modulo 10.
 *
 * @throws RangeError when the seed is not a 32-bit unsigned integer
 */
export function shapes(options: ShapesOptions = {}): Dataset {
  const { seed = 0, train = 4096, test = 1024 } = options;
  return {
    name: "shapes",
    title: "Shapes",
    classNames: FIGURES.map((figure) => figure.name),
    shape: SHAPE,
    train: draw(seed, "shapes/train", train),
    test: draw(seed, "shapes/test", test),
    notes: ["The images are synthetic."],
  };
}

function draw(seed: number, stream: string, count: number): Split {
  const images = new Uint8Array(count * BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % FIGURES.length;
    const random = words({ seed, stream, step: i }, PARAMETERS + BYTES / 4);
    paint(new Uint8ClampedArray(images.buffer, i * BYTES, BYTES), {
      random,
      figure: FIGURES[labels[i]!]!,
    });
  }
  return { images, labels, count };
}

function paint(image: Uint8ClampedArray, { random, figure }: any): void {
  let used = 0;
  const between = (low: number, high: number): number =>
    low + (high - low) * (random[used++]! / 2 ** 32);
  const canvas = new Float64Array(BYTES);
  // background and texture
  for (let c = 0; c < 3; c++) {
    const base = between(BASE[0], BASE[1]);
    const grid = Array.from(
      { length: GRID * GRID },
      () => base + between(-TEXTURE, TEXTURE),
    );
    for (let y = 0; y < SIDE; y++) {
      const v = y * (GRID - 1) / SIDE, r = Math.floor(v), fy = v - r;
      for (let x = 0; x < SIDE; x++) {
        const u = x * (GRID - 1) / SIDE, q = Math.floor(u), fx = u - q;
        const at = r * GRID + q;
        const top = grid[at]! * (1 - fx) + grid[at + 1]! * fx;
        const bottom = grid[at + GRID]! * (1 - fx) + grid[at + GRID + 1]! * fx;
        canvas[c * 1024 + y * SIDE + x] = top * (1 - fy) + bottom * fy;
      }
    }
  }
  const color = (low: number, high: number): number[] => {
    const amount = between(low, high);
    const strongest = Math.floor(between(0, 3));
    return [0, 1, 2].map((c) => {
      const x = between(-1, 1);
      return c === strongest ? (x < 0 ? -amount : amount) : x * amount;
    });
  };
  const stamp = (
    sdf: (x: number, y: number) => number,
    cx: number,
    cy: number,
    radius: number,
    tilt: number,
    delta: number[],
  ) => {
    const t = tilt, n = 1 + t * t, cos = (1 - t * t) / n, sin = 2 * t / n;
    for (let py = 0; py < SIDE; py++) {
      for (let px = 0; px < SIDE; px++) {
        const dx = (px + 0.5 - cx) / radius, dy = (py + 0.5 - cy) / radius;
        const d = sdf(cos * dx + sin * dy, cos * dy - sin * dx) * radius;
        const coverage = d >= 0.5 ? 0 : d <= -0.5 ? 1 : 0.5 - d;
        if (coverage === 0) continue;
        for (let c = 0; c < 3; c++) {
          canvas[c * 1024 + py * SIDE + px]! += coverage * delta[c]!;
        }
      }
    }
  };
  for (let k = 0; k < DISTRACTORS; k++) {
    const round = (x: number, y: number) => Math.sqrt(x * x + y * y) - 1;
    stamp(
      round,
      between(0, SIDE),
      between(0, SIDE),
      between(1, 2.5),
      0,
      color(CONTRAST[0], CONTRAST[1]),
    );
  }
  const radius = between(RADIUS[0], RADIUS[1]);
  const reach = SIDE - radius;
  const low = Math.max(radius, 16 - JITTER),
    high = Math.min(reach, 16 + JITTER);
  const cx = between(low, high), cy = between(low, high);
  let tilt = between(-1, 1) * Math.min(TILT, figure.tilt);
  const turned = between(0, 1) < 0.5 ? -1 : 1;
  stamp(
    (x, y) => figure.distance(turned * x, turned * y),
    cx,
    cy,
    radius,
    tilt,
    color(CONTRAST[0], CONTRAST[1]),
  );
  const noise = new Uint8Array(random.buffer, 4 * PARAMETERS);
  for (let i = 0; i < BYTES; i++) {
    image[i] = canvas[i]! + (noise[i]! - 127.5) / 127.5 * NOISE;
  }
}
