// Some test images, the perturbations that an attack adds to them, and the adversarial
// images, one below the other. Perturbations are too small to be seen, and enlarged so
// that the largest one is black or white: the largest allowed in the maximum norm, the
// largest found in others. Adversarial images that are misclassified are marked.

import encodePng from "npm:@jsquash/png@3.1.1/encode.js";
import { FONT } from "./chart.ts";
import { DARK_STYLE, WRONG_COLOR } from "./colors.ts";
import type { Examined } from "./examined_network.ts";
import type { Picture } from "./picture.ts";
import { type AttackConfig, fractionValue } from "../../config/experiment.ts";

/** The images to show, and the attack. */
export interface StripOptions {
  readonly clean: Examined;
  readonly adversarial: Examined;
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
  readonly shape: { readonly height: number; readonly width: number };
  /** The attack's name, and how it was run. */
  readonly attack: string;
  readonly config: AttackConfig;
}

/** Images that are shown at most. */
const COUNT = 8;

/**
 * A style that makes browsers draw pixels as squares. The program that makes PNGs ignores
 * rules for media, and needs the attribute's older value `optimizeSpeed`.
 */
const PIXELATED =
  "<style>@media all {image{image-rendering:pixelated}}</style>";

/** Sizes in the picture: an image, the gap between two, the titles, the text. */
const SIDE = 96, GAP = 8, LEFT = 112, TEXT = 11;

interface Row {
  /** The lines of text beside the row. */
  readonly title: readonly string[];
  /** The bytes of image i, pixel after pixel. */
  readonly bytes: (i: number) => number[];
  /** The predicted class of image i; undefined where none is shown. */
  readonly prediction?: (i: number) => number;
}

/** The picture of the first images that the network classifies correctly. */
export async function imageStrip(options: StripOptions): Promise<Picture> {
  const { clean, adversarial, labels, attack } = options;
  const scale = scaleOf(options);
  const shown = Array.from(labels, (_, i) => i)
    .filter((i) => clean.predictions[i] === labels[i]).slice(0, COUNT);
  const missed = shown.filter((i) => adversarial.predictions[i] !== labels[i]);
  const description =
    `${shown.length} test images that are classified correctly; below them ` +
    `what ${attack} adds, enlarged ${factorText(scale)} times around gray ` +
    `(${scale.text} is white), and the adversarial images, of which ` +
    `${missed.length} are classified wrongly, marked by ✗.`;
  const rows = rowsOf(options, scale);
  const { parts, height } = await draw(rows, { shown, options });
  const width = LEFT + Math.max(1, shown.length) * (SIDE + GAP);
  const svg = `<svg role="img" aria-label="${escaped(description)}" ` +
    `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONT}" ` +
    `font-size="${TEXT}">${PIXELATED}${DARK_STYLE}<rect width="${width}" ` +
    `height="${height}" fill="white"/>${parts.join("")}</svg>`;
  return { name: "images", title: "Adversarial images", description, svg };
}

/** The scale of perturbations. */
interface Scale {
  /** The perturbation that is white. */
  readonly limit: number;
  /** The same as text. */
  readonly text: string;
}

function scaleOf({ config, clean, adversarial }: StripOptions): Scale {
  if (config.norm === "linf") {
    return { limit: fractionValue(config.epsilon), text: config.epsilon };
  }
  const limit = adversarial.images.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - clean.images[i]!)),
    1 / 255,
  );
  return { limit, text: `${(255 * limit).toFixed(0)}/255` };
}

/** The factor by which perturbations are enlarged, such as "16". */
function factorText({ limit }: Scale): string {
  return (1 / (2 * limit)).toPrecision(2);
}

function rowsOf(
  { clean, adversarial, shape }: StripOptions,
  scale: Scale,
): readonly Row[] {
  const size = 3 * shape.height * shape.width;
  const valuesOf = ({ images }: Examined, i: number): number[] => [
    ...images.subarray(i * size, (i + 1) * size),
  ];
  const row = (title: string, kind: Examined): Row => ({
    title: [title],
    bytes: (i) => bytesOf(valuesOf(kind, i)),
    prediction: (i) => kind.predictions[i]!,
  });
  const perturbation: Row = {
    title: [
      "perturbation",
      `× ${factorText(scale)} on gray`,
      `${scale.text} is white`,
    ],
    bytes: (i) => {
      const before = valuesOf(clean, i);
      const after = valuesOf(adversarial, i);
      return bytesOf(
        after.map((value, at) => (1 + (value - before[at]!) / scale.limit) / 2),
      );
    },
  };
  return [row("clean", clean), perturbation, row("adversarial", adversarial)];
}

/** Values in [0, 1] as bytes; others are cut off. */
function bytesOf(values: readonly number[]): number[] {
  return values.map((value) =>
    Math.round(255 * Math.min(1, Math.max(0, value)))
  );
}

/** The rows' images and texts as SVG, and how high they are. */
async function draw(
  rows: readonly Row[],
  { shown, options: { shape, classNames, labels } }: {
    readonly shown: readonly number[];
    readonly options: Pick<StripOptions, "shape" | "classNames" | "labels">;
  },
): Promise<{ readonly parts: string[]; readonly height: number }> {
  const parts: string[] = [];
  let y = GAP;
  for (const { title, bytes, prediction } of rows) {
    for (const [line, words] of title.entries()) {
      const below = (line - (title.length - 1) / 2) * (TEXT + 4);
      parts.push(text(words, { x: GAP, y: y + SIDE / 2 + below }));
    }
    for (const [column, i] of shown.entries()) {
      const x = LEFT + column * (SIDE + GAP);
      parts.push(
        `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" ` +
          `image-rendering="optimizeSpeed" ` +
          `href="data:image/png;base64,${await pngOf(bytes(i), shape)}"/>`,
      );
      if (!prediction) continue;
      const name = classNames[prediction(i)] ?? "";
      const wrong = prediction(i) !== labels[i];
      parts.push(label(name, { x, y, wrong }));
    }
    y += SIDE + GAP + (prediction ? TEXT + 4 : 0);
  }
  return { parts, height: y };
}

/** The predicted class of the image at (x, y), and a frame if it is wrong. */
function label(
  name: string,
  { x, y, wrong }: {
    readonly x: number;
    readonly y: number;
    readonly wrong: boolean;
  },
): string {
  const below = { x, y: y + SIDE + TEXT + 3 };
  if (!wrong) return text(name, below);
  const frame = `<rect x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" ` +
    `fill="none" stroke="${WRONG_COLOR}" stroke-width="2"/>`;
  return frame + text(`✗ ${name}`, { ...below, fill: WRONG_COLOR });
}

function text(
  words: string,
  { x, y, fill = "#000" }: {
    readonly x: number;
    readonly y: number;
    readonly fill?: string;
  },
): string {
  return `<text x="${x}" y="${y}" fill="${fill}">${escaped(words)}</text>`;
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
