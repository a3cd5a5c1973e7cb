// Against Pillow, whose pixels are in tests/fixtures/images: the same bytes.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { decodeImage, type Pixels } from "../../src/data/decode_image.ts";
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
