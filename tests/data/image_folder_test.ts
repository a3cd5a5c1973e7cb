import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkDataset, contentHash } from "../../src/data/dataset.ts";
import { decodeImage } from "../../src/data/decode_image.ts";
import { dropLabels } from "../../src/data/drop_labels.ts";
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
    assertEquals(classNames, ["a", "b"]);
    assertEquals(notes, [
      "3 training images of 2 classes are in train, 2 test images in val.",
    ]);
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
    assertEquals(notes[0], `28 training images of 2 classes are in ${folder}.`);
    assert(notes[1]!.includes("4 training images are the test set"), notes[1]);
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
    assertEquals(notes, [
      "3 training images of 2 classes are in train, 3 test images in test.",
      `The images of ${folder}/val are not used.`,
    ]);
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
  [
    "two folders of training images",
    { ...TWO_SPLITS, "Training/a/1.png": PNG },
    "expected one folder of training images in FOLDER but found Training and train",
  ],
  [
    "two folders of test images",
    { ...TWO_SPLITS, "Val/a/1.png": PNG },
    "expected one folder of test images in FOLDER but found Val and val",
  ],
  [
    "a test folder beside classes",
    { "cat/1.png": PNG, "dog/1.png": PNG, "Test/1.png": PNG },
    'or a folder "train" of them beside one named "test" or "val" but found Test, which is no class',
  ],
  [
    "test folders alone",
    { "val/a/1.png": PNG, "dev/a/1.png": PNG },
    "found dev, which is no class",
  ],
  [
    "parts of a set below another",
    { "train/train/a/1.png": PNG, "train/val/a/1.png": PNG },
    "but found train, which is no class",
  ],
  ["no class", { "README.md": "empty" }, "in FOLDER but found none"],
];

for (const [what, files, message] of WRONG) {
  Deno.test(`listImageFolder() refuses ${what}`, () =>
    withFolder(async (folder) => {
      await writeFiles(folder, files);
      await assertRejects(
        () => listImageFolder(folder, { strict: true }),
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

Deno.test("loadImageFolder() names the image that is cut off, if it is strict", () =>
  withFolder(async (folder) => {
    const files = { ...TWO_SPLITS, "val/b/0.png": PNG.subarray(0, 300) };
    await writeFiles(folder, files);
    await assertRejects(
      () =>
        loadImageFolder(folder, {
          size: 8,
          cache: `${folder}/cache`,
          strict: true,
        }),
      Error,
      `Cannot read ${folder}/val/b/0.png: expected a whole JPEG or PNG image`,
    );
  }));

const SPLIT_NAMES: readonly [train: string, test: string][] = [
  ["Train", "Test"],
  ["training", "validation"],
  ["TRAIN", "valid"],
  ["Training", "Dev"],
  ["train", "eval"],
  ["train", "testing"],
];

Deno.test("listImageFolder() knows the parts of a set by their usual names", () =>
  withFolder(async (folder) => {
    for (const [i, [train, test]] of SPLIT_NAMES.entries()) {
      const root = `${folder}/${i}`;
      await writeFiles(root, {
        [`${train}/train/1.png`]: PNG, // CIFAR-100 has this class.
        [`${train}/bus/1.png`]: PNG,
        [`${train}/bus/2.png`]: PNG,
        [`${test}/train/1.png`]: PNG,
        [`${test}/bus/1.png`]: PNG,
        "extra/1.png": PNG,
      });
      const listing = await listImageFolder(root);
      assertEquals(listing.classNames, ["bus", "train"]);
      assertEquals([listing.train.length, listing.test.length], [3, 2]);
      assertEquals(listing.notes, [
        `3 training images of 2 classes are in ${train}, 2 test images in ${test}.`,
        `The images of ${root}/extra are not used.`,
      ]);
    }
  }));

Deno.test("listImageFolder() sorts classes by code points, as Python does", () =>
  withFolder(async (folder) => {
    // sorted(names) of Python 3.11.
    const names = ["B", "a", "a!", "aa", "z", "\u00e9", "\uff21", "\u{1f600}"];
    const files = names.flatMap((name): [string, Uint8Array][] => [
      [`train/${name}/1.png`, PNG],
      [`val/${name}/1.png`, PNG],
    ]);
    await writeFiles(folder, Object.fromEntries(files));
    assertEquals((await listImageFolder(folder)).classNames, names);
  }));

Deno.test("loadImageFolder() counts and names bad files, and leaves them out", () =>
  withFolder(async (folder) => {
    const root = `${folder}/set`;
    await writeFiles(root, {
      ...TWO_SPLITS,
      "train/a/cut.png": PNG.subarray(0, 300),
      "train/a/notes.txt": "hello",
    });
    const links: readonly [to: string, at: string][] = [
      [`${folder}/none`, "train/a/dangling.jpg"],
      [`${root}/val/b/loop.png`, "val/b/loop.png"],
      [root, "train/b/up"],
    ];
    for (const [to, at] of links) await Deno.symlink(to, `${root}/${at}`);
    const options = { size: null, cache: `${folder}/cache` };
    const dataset = await loadImageFolder(root, options);
    assertEquals([dataset.train.count, dataset.test.count], [3, 2]);
    assertEquals([...dataset.train.labels], [1, 1, 0]);
    assertEquals(dataset.notes, [
      "5 training images of 2 classes are in train, 3 test images in val.",
      "Files in class folders that are no PNG or JPEG images (.png, .jpg, .jpeg) " +
      `are left out, 2 in all: ${root}/train/a/notes.txt, ${root}/train/b/up.`,
      "Images that cannot be read are left out, 3 in all, which leaves 3 training " +
      "images and 2 test images: train/a/cut.png, train/a/dangling.jpg, val/b/loop.png. Cannot read " +
      `${root}/train/a/cut.png: expected a whole JPEG or PNG image but found a ` +
      "PNG that breaks off.",
    ]);
    assertEquals(await loadImageFolder(root, options), dataset);
    await Deno.remove(`${root}/train/a/notes.txt`);
    await Deno.remove(`${root}/train/b/up`);
    const found = [
      "a PNG that",
      "a link to nothing",
      "a link that leads to itself",
    ];
    for (
      const [i, at] of ["train/a/cut.png", links[0]![1], links[1]![1]].entries()
    ) {
      await assertRejects(
        () => loadImageFolder(root, { ...options, strict: true }),
        UserError,
        `Cannot read ${root}/${at}: expected a whole JPEG or PNG image but found ${
          found[i]
        }`,
      );
      await Deno.remove(`${root}/${at}`);
    }
  }));

Deno.test("loadImageFolder() names a file whose name is not in UTF-8", async () => {
  await withFolder(async (folder) => {
    await writeFiles(folder, TWO_SPLITS);
    const name = "printf x > \"$1/train/a/$(printf 'x\\377.png')\"";
    const run = async (script: string): Promise<void> => {
      const args = ["-c", script, "sh", folder];
      const { success } = await new Deno.Command("sh", { args }).output();
      assert(success);
    };
    await run(name);
    const { notes } = await loadImageFolder(folder, {
      size: null,
      cache: `${folder}/cache`,
    });
    assert(
      notes[1]!.endsWith("found a file whose name is not in UTF-8."),
      notes[1],
    );
    await run("mkdir \"$1/train/$(printf 'c\\377')\"");
    await assertRejects(
      () => listImageFolder(folder),
      UserError,
      "to be a folder or a file but found a name that is not in UTF-8",
    );
  });
});

Deno.test("listImageFolder() refuses links to nothing where a folder may be meant", () =>
  withFolder(async (folder) => {
    await writeFiles(folder, TWO_SPLITS);
    for (const at of ["test", "train/c"]) {
      await Deno.symlink(`${folder}/none`, `${folder}/${at}`);
      await assertRejects(
        () => listImageFolder(folder),
        UserError,
        `expected ${folder}/${at} to be a folder or a file but found a link that`,
      );
      await Deno.remove(`${folder}/${at}`);
    }
  }));

Deno.test("loadImageFolder() reads 300 classes, with labels of 16 bits", () =>
  withFolder(async (folder) => {
    const small = Deno.readFileSync(
      new URL("../fixtures/images/kinds/type2_8.png", import.meta.url),
    );
    const names = Array.from({ length: 300 }, (_, i) => `${1000 + i}`);
    const files = names.flatMap((name): [string, Uint8Array][] => [
      [`train/${name}/1.png`, small],
      [`val/${name}/1.png`, small],
    ]);
    await writeFiles(`${folder}/set`, Object.fromEntries(files));
    const options = { size: null, cache: `${folder}/cache` };
    const decoded = await loadImageFolder(`${folder}/set`, options);
    checkDataset(decoded);
    assertEquals([...decoded.test.labels], names.map((_, i) => i));
    assertEquals(await loadImageFolder(`${folder}/set`, options), decoded);
    assertEquals((await contentHash(decoded)).length, 64);
    const { labeled } = dropLabels(decoded.train, 0.5);
    assertEquals(labeled.labels.BYTES_PER_ELEMENT, 2);
  }));
