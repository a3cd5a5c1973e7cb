// Some test images, the perturbations that an attack adds to them, and the adversarial
// images, one below the other. Perturbations are too small to be seen, and enlarged so
// that the largest allowed one is black or white.

import encodePng from "npm:@jsquash/png@3.1.1/encode.js";
import { FONT } from "./chart.ts";
import type { Examined } from "./examined_network.ts";
import type { Picture } from "./picture.ts";

/** The images to show, and the attack. */
export interface StripOptions {
  readonly clean: Examined;
  readonly adversarial: Examined;
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  readonly shape: { readonly height: number; readonly width: number };
  /** The radius that perturbations are enlarged from. */
  readonly epsilon: number;
  /** The attack's name. */
  readonly attack: string;
}

/** Images that are shown at most. */
const COUNT = 8;

/** Sizes in the picture: an image, the gap between two, the titles, the text. */
const SIDE = 92, GAP = 8, LEFT = 104, TEXT = 11;

interface Row {
  readonly title: string;
  /** The bytes of image i, pixel after pixel. */
  readonly bytes: (i: number) => number[];
  /** The predicted class of image i; undefined where none is shown. */
  readonly prediction?: (i: number) => number;
}

/** The picture of the first images that the network classifies correctly. */
export async function imageStrip(options: StripOptions): Promise<Picture> {
  const { clean, adversarial, labels, attack } = options;
  const shown = Array.from(labels, (_, i) => i)
    .filter((i) => clean.predictions[i] === labels[i]).slice(0, COUNT);
  const missed = shown.filter((i) => adversarial.predictions[i] !== labels[i]);
  const description =
    `${shown.length} test images that are classified correctly; below them ` +
    `what ${attack} adds, enlarged, and the adversarial images, of which ` +
    `${missed.length} are classified wrongly.`;
  const { parts, height } = await draw(rowsOf(options), { shown, options });
  const width = LEFT + Math.max(1, shown.length) * (SIDE + GAP);
  const svg = `<svg role="img" aria-label="${escaped(description)}" ` +
    `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONT}" ` +
    `font-size="${TEXT}"><rect width="${width}" height="${height}" ` +
    `fill="white"/>${parts.join("")}</svg>`;
  return { name: "images", title: "Adversarial images", description, svg };
}

function rowsOf(
  { clean, adversarial, epsilon, shape }: StripOptions,
): readonly Row[] {
  const size = 3 * shape.height * shape.width;
  const values = ({ images }: Examined, i: number): number[] => [
    ...images.subarray(i * size, (i + 1) * size),
  ];
  const bytes = (all: readonly number[]): number[] =>
    all.map((value) => Math.round(255 * value));
  return [
    {
      title: "clean",
      bytes: (i) => bytes(values(clean, i)),
      prediction: (i) => clean.predictions[i]!,
    },
    {
      title: "perturbation",
      bytes: (i) => {
        const before = values(clean, i);
        return bytes(
          values(adversarial, i).map((value, at) =>
            Math.min(1, Math.max(0, (1 + (value - before[at]!) / epsilon) / 2))
          ),
        );
      },
    },
    {
      title: "adversarial",
      bytes: (i) => bytes(values(adversarial, i)),
      prediction: (i) => adversarial.predictions[i]!,
    },
  ];
}

/** The rows' images and texts as SVG, and how high they are. */
async function draw(
  rows: readonly Row[],
  { shown, options: { shape, classNames } }: {
    readonly shown: readonly number[];
    readonly options: StripOptions;
  },
): Promise<{ readonly parts: string[]; readonly height: number }> {
  const parts: string[] = [];
  let y = GAP;
  for (const { title, bytes, prediction } of rows) {
    parts.push(text(title, { x: GAP, y: y + SIDE / 2 }));
    for (const [column, i] of shown.entries()) {
      const x = LEFT + column * (SIDE + GAP);
      parts.push(
        `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" ` +
          `image-rendering="optimizeSpeed" style="image-rendering:pixelated" ` +
          `href="data:image/png;base64,${await pngOf(bytes(i), shape)}"/>`,
      );
      const name = prediction && classNames[prediction(i)];
      if (name) parts.push(text(name, { x, y: y + SIDE + TEXT + 2 }));
    }
    y += SIDE + GAP + (prediction ? TEXT + 4 : 0);
  }
  return { parts, height: y };
}

function text(
  words: string,
  { x, y }: { readonly x: number; readonly y: number },
): string {
  return `<text x="${x}" y="${y}">${escaped(words)}</text>`;
}

/** Red, green and blue of every pixel as a PNG in base 64. */
async function pngOf(
  bytes: readonly number[],
  { height, width }: StripOptions["shape"],
): Promise<string> {
  const data = new Uint8ClampedArray(4 * height * width).fill(255);
  bytes.forEach((byte, at) => data[4 * Math.floor(at / 3) + at % 3] = byte);
  const png = await encodePng(new ImageData(data, width, height));
  return new Uint8Array(png).toBase64();
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}
