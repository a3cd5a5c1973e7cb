// The files of CIFAR-10-C: read as NumPy wrote them, and what is wrong with one is named.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  type CorruptionsExpected,
  openCorruptions,
} from "../../src/data/corruptions.ts";
import { readNpyHeader } from "../../src/data/npy.ts";
import { withFolder } from "../support/temporary_folder.ts";

const FOLDER = new URL("../fixtures/corruptions/", import.meta.url).pathname;

const EXPECTED = {
  title: "CIFAR-10",
  shape: { channels: 3, height: 4, width: 4 },
  classes: 4,
} as const;

Deno.test("openCorruptions() reads one severity, plane by plane", async () => {
  const images = await openCorruptions(FOLDER, EXPECTED);
  assertEquals(images.names.length, 16);
  assertEquals(images.count, 4);
  const place = { corruption: "fog", severity: 3, limit: 2 };
  const split = await images.read(place);
  const { start: offset, shape, type } = await readNpyHeader(
    `${FOLDER}fog.npy`,
  );
  assertEquals([offset, [...shape], type], [128, [20, 4, 4, 3], "|u1"]);
  const bytes = await Deno.readFile(`${FOLDER}fog.npy`);
  const at = (image: number, pixel: number, channel: number) =>
    bytes[offset + 48 * image + 3 * pixel + channel];
  for (const [image, pixel, channel] of [[0, 0, 0], [0, 5, 1], [1, 15, 2]]) {
    assertEquals(
      split.images[48 * image! + 16 * channel! + pixel!],
      at(8 + image!, pixel!, channel!),
    );
  }
  assertEquals(split.count, 2);
  assertEquals(split.labels.length, 2);
});

/** What is said of the files where one is changed: to other bytes, or taken away. */
async function refusal(
  [name, bytes]: readonly [string, Uint8Array | null],
  expected: Partial<CorruptionsExpected> = {},
): Promise<string> {
  let message = "";
  await withFolder(async (folder) => {
    for await (const { name } of Deno.readDir(FOLDER)) {
      await Deno.copyFile(`${FOLDER}${name}`, `${folder}/${name}`);
    }
    if (bytes) await Deno.writeFile(`${folder}/${name}`, bytes);
    else await Deno.remove(`${folder}/${name}`);
    const open = () => openCorruptions(folder, { ...EXPECTED, ...expected });
    const error = await assertRejects(open, UserError);
    message = error.message.replaceAll(folder, "DIR");
  });
  return message;
}

const fog = await Deno.readFile(`${FOLDER}fog.npy`);
const encode = (text: string) => new TextEncoder().encode(text);
const header = (text: string) => {
  const line = text.padEnd(118);
  const bytes = new Uint8Array([0x93, ...encode("NUMPY"), 1, 0, 118, 0]);
  return new Uint8Array([...bytes, ...encode(line)]);
};

for (
  const [what, name, bytes, message] of [
    [
      "cut off",
      "fog.npy",
      fog.slice(0, -1),
      "Cannot read DIR/fog.npy: expected 1088 bytes, as its header promises, but found 1087: it was cut off",
    ],
    [
      "missing",
      "fog.npy",
      null,
      "Cannot read DIR/fog.npy: expected whole numbers as NumPy saves them but found no such file",
    ],
    [
      "of other images",
      "fog.npy",
      await Deno.readFile(`${FOLDER}labels.npy`),
      "Cannot use DIR/fog.npy: expected bytes (20, 4, 4, 3), as the labels and the images of CIFAR-10 are, but found |u1 (20)",
    ],
    [
      "no array",
      "snow.npy",
      encode("<html>not found</html>"),
      "Cannot read DIR/snow.npy: expected an array of NumPy (.npy) but found another file",
    ],
    [
      "of decimals",
      "snow.npy",
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (20,), }"),
      "Cannot read DIR/snow.npy: expected one of the types |u1, |i1, <u2, <i2, <u4, <i4, <u8, <i8 but found <f4",
    ],
    [
      "without labels",
      "labels.npy",
      null,
      "Cannot use DIR: expected the files of CIFAR-10-C, such as labels.npy, but found none there",
    ],
  ] as const
) {
  Deno.test(`openCorruptions() names a file that is ${what}`, async () => {
    assertEquals(await refusal([name, bytes]), message);
  });
}

Deno.test("openCorruptions() refuses labels of more classes than the data set has", async () => {
  const message = await refusal(["expected.json", null], { classes: 2 });
  assert(/labels from 0 to 1 but found [23] at image \d+$/.test(message));
});
