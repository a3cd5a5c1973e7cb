// Against Pillow, whose pixels are in tests/fixtures/images: the same bytes.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { crc32, deflateSync } from "node:zlib";
import { UserError } from "../../src/base/errors.ts";
import {
  decodeImage,
  imageExtent,
  MOST_PIXELS,
} from "../../src/data/decode_image.ts";
import type { Extent, Pixels } from "../../src/data/pixels.ts";
import { resize, resizedSquare } from "../../src/data/resize.ts";
import { decodeSafeTensors } from "../../src/weights/safetensors.ts";

const FOLDER = fromFileUrl(new URL("../fixtures/images", import.meta.url));
const { tensors } = decodeSafeTensors(
  Deno.readFileSync(`${FOLDER}/pixels.safetensors`),
  "pixels.safetensors",
);

function read(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(`${FOLDER}/${name}`);
}

async function decoded(name: string): Promise<Pixels> {
  return await decodeImage(await read(name), name);
}

/** Asserts that an image is the fixture's, byte by byte. */
function assertPixels(image: Pixels, name: string): void {
  const { shape, data } = tensors.get(name)!;
  assertEquals([image.height, image.width, 3], [...shape], name);
  const strays = data.map((value, i) => Math.abs(value - image.data[i]!));
  assertEquals(strays.reduce((a, b) => Math.max(a, b), 0), 0, name);
}

const files = [...tensors.keys()].filter((name) => !name.includes("/"));
assert(files.length === 8, "the fixtures lack files");

for (const name of files) {
  Deno.test(`decodeImage() finds the pixels of ${name} that Pillow finds`, async () => {
    assertPixels(await decoded(name), name);
  });
}

const KINDS = `${FOLDER}/kinds`;
const kinds = decodeSafeTensors(
  Deno.readFileSync(`${KINDS}/pixels.safetensors`),
  "kinds/pixels.safetensors",
).tensors;

Deno.test("decodeImage() gives Pillow's pixels of every kind of PNG, and of CMYK and YCCK", async () => {
  for (const [name, { shape, data }] of kinds) {
    const bytes = await Deno.readFile(`${KINDS}/${name}`);
    const image = await decodeImage(bytes, name);
    assertEquals([image.height, image.width, 3], [...shape], name);
    assertEquals([...image.data], [...data], name);
  }
  assertEquals(kinds.size, 39);
});

Deno.test("resize() gives Pillow's antialiased bilinear pixels to the byte", async () => {
  const image = await decoded("baseline.jpg");
  const cases = [...tensors.keys()].flatMap((name) => {
    const extent = /^baseline\.jpg\/(\d+)x(\d+)$/.exec(name);
    return extent ? [{ name, height: +extent[1]!, width: +extent[2]! }] : [];
  });
  assert(cases.length >= 6);
  for (const { name, ...extent } of cases) {
    assertPixels(resize(image, extent), name);
  }
});

Deno.test("resizedSquare() gives torchvision's Resize and CenterCrop to the byte", async () => {
  const cases = [...tensors.keys()].flatMap((name) => {
    const found = /^(.+)\/square\/(\d+)$/.exec(name);
    return found ? [{ name, file: found[1]!, size: +found[2]! }] : [];
  });
  assert(cases.length >= 4);
  for (const { name, file, size } of cases) {
    assertPixels(resizedSquare(await decoded(file), size), name);
  }
});

const WHOLE = await read("baseline.jpg");
const PNG = await read("rgb.png");

const DAMAGED: readonly [what: string, bytes: Uint8Array, found: string][] = [
  ["half a JPEG", WHOLE.subarray(0, WHOLE.length / 2), '"Premature end'],
  ["a JPEG without its end", WHOLE.subarray(0, -2), '"Premature end'],
  ["a JPEG's first bytes", WHOLE.subarray(0, 20), '"'],
  ...["cmyk.jpg", "ycck_progressive.jpg"].map((
    name,
  ): [string, Uint8Array, string] => {
    const bytes = Deno.readFileSync(`${KINDS}/${name}`);
    return [`half of ${name}`, bytes.subarray(0, bytes.length - 80), '"'];
  }),
  ["half a PNG", PNG.subarray(0, PNG.length / 2), "a PNG that breaks off"],
  ["text", new TextEncoder().encode("no image"), "neither"],
  ["a GIF", new TextEncoder().encode("GIF89a…"), "a GIF"],
  ["nothing", new Uint8Array(), "an empty file"],
];

for (const [what, bytes, found] of DAMAGED) {
  Deno.test(`decodeImage() refuses ${what}, and decodes the next image`, async () => {
    await assertRejects(
      () => decodeImage(new Uint8Array(bytes), "a/b.jpg"),
      Error,
      `Cannot read a/b.jpg: expected a whole JPEG or PNG image but found ${found}`,
    );
    assertPixels(await decoded("baseline.jpg"), "baseline.jpg");
    assertPixels(await decoded("rgb.png"), "rgb.png");
  });
}

Deno.test("decodeImage() reads a JPEG with odd bytes between its parts, as Pillow does", async () => {
  const spaced = new Uint8Array([
    ...WHOLE.subarray(0, -2),
    0,
    0,
    ...WHOLE.subarray(-2),
  ]);
  assertPixels(await decodeImage(spaced, "spaced.jpg"), "baseline.jpg");
});

/** A chunk of a PNG with its checksum. */
function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = new Uint8Array([...new TextEncoder().encode(type), ...body]);
  return new Uint8Array([
    ...bigEndian(body.length),
    ...named,
    ...bigEndian(crc32(named)),
  ]);
}

function bigEndian(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => value >>> shift & 255);
}

/** A PNG of grey bytes, each row behind its filter. */
function greyPng(
  { height, width }: Extent,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const header = [...bigEndian(width), ...bigEndian(height), 8, 0, 0, 0, 0];
  return new Uint8Array([
    ...PNG.subarray(0, 8),
    ...chunk("IHDR", Uint8Array.from(header)),
    ...chunk("IDAT", data),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

Deno.test("decodeImage() refuses a PNG with any flipped bit", async () => {
  for (let at = 0; at < PNG.length; at++) {
    const bytes = PNG.slice();
    bytes[at]! ^= 1 << at % 8;
    await assertRejects(
      () => decodeImage(bytes, "x.png"),
      UserError,
      "Cannot read x.png: expected ",
      `byte ${at}`,
    );
  }
});

const ROWS = new Uint8Array(9 * 10);
const PACKED = new Uint8Array(deflateSync(ROWS));

const WRONG_PNGS: readonly [what: string, data: Uint8Array, found: string][] = [
  [
    "whose pixels' checksum is wrong",
    PACKED.with(-1, PACKED.at(-1)! ^ 1),
    "a damaged PNG: the checksum of its pixels is wrong",
  ],
  ["whose pixels' checksum is missing", PACKED.slice(0, -4), "unexpected end"],
  ["with too few rows", deflateSync(ROWS.slice(10)), "80 of 90 bytes"],
  ["with an unknown filter", deflateSync(ROWS.with(0, 5)), "filter 5"],
  [
    "that unpacks without end",
    deflateSync(new Uint8Array(2 ** 22)),
    "more pixels",
  ],
];

for (const [what, data, found] of WRONG_PNGS) {
  Deno.test(`decodeImage() refuses a PNG ${what}`, async () => {
    const extent = { height: 9, width: 9 };
    await decodeImage(greyPng(extent, PACKED), "x.png");
    await assertRejects(
      () => decodeImage(greyPng(extent, data), "x.png"),
      UserError,
      found,
    );
  });
}

Deno.test("decodeImage() reads the extent first, and refuses more pixels than Pillow", async () => {
  const large = WHOLE.slice();
  // The height and width of the start of frame.
  const frame = large.findIndex((byte, i) =>
    byte === 0xff && large[i + 1] === 0xc0
  );
  large.set([0x4e, 0x20, 0x4e, 0x20], frame + 5);
  const tall = greyPng({ height: MOST_PIXELS + 1, width: 1 }, PACKED);
  for (const bytes of [large, tall]) {
    await assertRejects(
      () => decodeImage(bytes, "large"),
      UserError,
      "Cannot read large: expected at most 89,478,485 pixels but found ",
    );
  }
  const most = greyPng({ height: MOST_PIXELS, width: 1 }, PACKED);
  assertEquals(imageExtent(most, "most"), { height: MOST_PIXELS, width: 1 });
});

Deno.test("resizedSquare() of a thin image costs no more than its square", () => {
  const height = 200_000;
  const data = Uint8Array.from({ length: 3 * height }, (_, i) => i / 3);
  const middle = (
    margin: number,
  ): number[] => [
    ...data.subarray(3 * (height / 2 - margin), 3 * (height / 2 + margin)),
  ];
  const start = performance.now();
  const { data: square } = resizedSquare({ height, width: 1, data }, 32);
  assert(performance.now() - start < 1000);
  // Rows are 32 times as far apart, and the middle is between two of them.
  const [above, , , below] = middle(1);
  const between = square.filter((_, i) => i % 96 === 0);
  assert(between.every((value) => value >= above! && value <= below!));
  assertEquals(resizedSquare({ height, width: 1, data }, 1).data.length, 3);
});

Deno.test("decodeImage() decodes after hundreds of damaged JPEGs", async () => {
  for (let i = 0; i < 300; i++) {
    const cut = 300 + i * 7 % (WHOLE.length - 310);
    await assertRejects(() => decodeImage(WHOLE.slice(0, cut), "cut.jpg"));
    if (i % 30 === 0) {
      assertPixels(await decoded("baseline.jpg"), "baseline.jpg");
    }
  }
});
