import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkDataset } from "../../src/data/dataset.ts";
import { decodeImage } from "../../src/data/decode_image.ts";
import {
  listImageFolder,
  loadImageFolder,
} from "../../src/data/image_folder.ts";
import { resizedSquare } from "../../src/data/resize.ts";
import {
  GREY_JPEG,
  PNG,
  SQUARE_JPEG,
  writeFiles,
} from "../support/image_files.ts";
import { withFolder } from "../support/temporary_folder.ts";

const TWO_SPLITS = {
  "train/b/1.png": PNG,
  "train/b/deep/2.JPG": GREY_JPEG,
  "train/a/x.jpeg": GREY_JPEG,
  "train/a/.DS_Store": "of the system",
  "val/a/0.png": PNG,
  "val/b/0.png": PNG,
  "README.md": "what this is",
};

Deno.test("loadImageFolder() reads train and val, classes by their sorted names", () =>
  withFolder(async (folder) => {
    await writeFiles(`${folder}/set`, TWO_SPLITS);
    const dataset = await loadImageFolder(`${folder}/set`, {
      size: null,
      cache: `${folder}/cache`,
    });
    checkDataset(dataset);
    const { classNames, shape, train, test, notes } = dataset;
    assertEquals([classNames, notes], [["a", "b"], []]);
    assertEquals(shape, { channels: 3, height: 24, width: 36 });
    assertEquals([[...train.labels], [...test.labels]], [[1, 0, 1], [0, 1]]);
    const { data } = await decodeImage(GREY_JPEG, "grey");
    const pixels = 24 * 36;
    const planes = [0, 1, 2].flatMap((channel) =>
      Array.from({ length: pixels }, (_, i) => data[3 * i + channel]!)
    );
    const second = train.images.subarray(3 * pixels, 6 * pixels);
    assertEquals([...second], planes);
  }));

Deno.test("loadImageFolder() brings images to one size", () =>
  withFolder(async (folder) => {
    const files = { ...TWO_SPLITS, "train/a/x.jpeg": SQUARE_JPEG };
    await writeFiles(`${folder}/set`, files);
    const cache = `${folder}/cache`;
    const { shape, train } = await loadImageFolder(`${folder}/set`, {
      size: 16,
      cache,
    });
    assertEquals(shape, { channels: 3, height: 16, width: 16 });
    const { data } = resizedSquare(
      await decodeImage(SQUARE_JPEG, "square"),
      16,
    );
    // The square image is the second of the three.
    const red = train.images.subarray(3 * 256, 4 * 256);
    assertEquals([...red], Array.from({ length: 256 }, (_, i) => data[3 * i]!));
    await assertRejects(
      () => loadImageFolder(`${folder}/set`, { size: null, cache }),
      Error,
      `Cannot use ${folder}/set/train/a/x.jpeg: expected 24 x 36 pixels, as in ` +
        `${folder}/set/train/b/1.png, but found 64 x 64; a size in the data`,
    );
    for (const size of [0, 2.5]) {
      await assertRejects(
        () => loadImageFolder(`${folder}/set`, { size, cache }),
        RangeError,
        `expected a size of whole pixels, at least 1, but found ${size}`,
      );
    }
  }));

Deno.test("listImageFolder() holds out an eighth of one level, of every class", () =>
  withFolder(async (folder) => {
    const names = Array.from({ length: 16 }, (_, i) => i);
    const files = Object.fromEntries(names.flatMap((i) => [
      [`cat/${i}.png`, PNG],
      [`dog/${i}.png`, PNG],
    ]));
    await writeFiles(folder, files);
    const { train, test, notes } = await listImageFolder(folder);
    assertEquals([train.length, test.length], [28, 4]);
    assertEquals(test.map(({ label }) => label), [0, 1, 0, 1]);
    assert(notes[0]!.includes("4 training images are the test set"), notes[0]);
    const used = new Set([...train, ...test].map(({ path }) => path));
    assertEquals(used.size, 32);
  }));

Deno.test("listImageFolder() says which of test and val is not used", () =>
  withFolder(async (folder) => {
    await writeFiles(folder, {
      ...TWO_SPLITS,
      "test/a/0.png": PNG,
      "test/b/0.png": PNG,
      "test/b/1.png": PNG,
    });
    const { test, notes } = await listImageFolder(folder);
    assertEquals(test.length, 3);
    assertEquals(notes, [`The images of ${folder}/val are not used.`]);
  }));

const WRONG: readonly [
  what: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  message: string,
][] = [
  [
    "a class of training images alone",
    { ...TWO_SPLITS, "train/c/1.png": PNG },
    "expected the same classes in FOLDER/train and FOLDER/val but found c in FOLDER/train alone",
  ],
  [
    "a class of test images alone",
    { ...TWO_SPLITS, "val/d/1.png": PNG },
    "but found d in FOLDER/val alone",
  ],
  [
    "an empty class",
    { ...TWO_SPLITS, "train/c/.keep": "" },
    "expected images of every class but found none in FOLDER/train/c",
  ],
  [
    "another file beside the images",
    { ...TWO_SPLITS, "train/a/notes.txt": "hello" },
    "expected only PNG and JPEG images (.png, .jpg, .jpeg) in class folders but found FOLDER/train/a/notes.txt",
  ],
  [
    "an image outside of the classes",
    { ...TWO_SPLITS, "train/1.png": PNG },
    "expected every image in the folder of its class but found FOLDER/train/1.png",
  ],
  [
    "one class",
    { "train/a/1.png": PNG, "val/a/1.png": PNG },
    "expected the folders of at least 2 classes in FOLDER/train but found a alone",
  ],
  ["no class", { "README.md": "empty" }, "in FOLDER but found none"],
];

for (const [what, files, message] of WRONG) {
  Deno.test(`listImageFolder() refuses ${what}`, () =>
    withFolder(async (folder) => {
      await writeFiles(folder, files);
      await assertRejects(
        () => listImageFolder(folder),
        Error,
        message.replaceAll("FOLDER", folder),
      );
    }));
}

Deno.test("listImageFolder() refuses a folder that is not there", () =>
  withFolder(async (folder) => {
    await assertRejects(
      () => listImageFolder(`${folder}/none`),
      Error,
      `expected a folder of class folders at ${folder}/none but found none`,
    );
  }));

Deno.test("loadImageFolder() names the image that is cut off", () =>
  withFolder(async (folder) => {
    const files = { ...TWO_SPLITS, "val/b/0.png": PNG.subarray(0, 300) };
    await writeFiles(folder, files);
    await assertRejects(
      () => loadImageFolder(folder, { size: 8, cache: `${folder}/cache` }),
      Error,
      `Cannot read ${folder}/val/b/0.png: expected a whole JPEG or PNG image`,
    );
  }));
