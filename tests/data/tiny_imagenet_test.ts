// Every test writes its own small folder in the official layout: three classes,
// whose ids `wnids.txt` does not sort, one image of them grey.

import { assertEquals, assertRejects } from "@std/assert";
import { checkDataset } from "../../src/data/dataset.ts";
import {
  listTinyImageNet,
  loadTinyImageNet,
} from "../../src/data/tiny_imagenet.ts";
import { GREY_JPEG, SQUARE_JPEG, writeFiles } from "../support/image_files.ts";
import { extentOf } from "../../src/data/load_dataset.ts";
import { withFolder } from "../support/temporary_folder.ts";

const IDS = ["n03", "n01", "n02"];

const OFFICIAL: Readonly<Record<string, Uint8Array | string>> = {
  "wnids.txt": IDS.join("\n") + "\n",
  "words.txt": "n01\tgoldfish, Carassius auratus\nn03\tbannister, banister\n",
  "test/images/test_0.JPEG": SQUARE_JPEG,
  "val/val_annotations.txt": "val_0.JPEG\tn02\t0\t0\t62\t62\n" +
    "val_1.JPEG\tn01\t1\t2\t3\t4\r\nval_2.JPEG\tn03\t0\t0\t1\t1\n",
  ...Object.fromEntries(IDS.flatMap((id) => [
    [`train/${id}/images/${id}_0.JPEG`, id === "n02" ? GREY_JPEG : SQUARE_JPEG],
    [`train/${id}/images/${id}_1.JPEG`, SQUARE_JPEG],
    [`train/${id}/${id}_boxes.txt`, `${id}_0.JPEG\t0\t0\t62\t62\n`],
  ])),
  ...Object.fromEntries([0, 1, 2].map((i) => [
    `val/images/val_${i}.JPEG`,
    SQUARE_JPEG,
  ])),
};

Deno.test("loadTinyImageNet() labels classes by their sorted ids and val by its annotations", () =>
  withFolder(async (folder) => {
    await writeFiles(`${folder}/tiny-imagenet-200`, OFFICIAL);
    const dataset = await loadTinyImageNet(folder, {
      size: 32,
      cache: `${folder}/cache`,
    });
    checkDataset(dataset);
    const { classNames, shape, train, test, notes } = dataset;
    const config = { dataset: "tiny-imagenet", size: 32 } as const;
    assertEquals(await extentOf(config, { folder }), {
      shape,
      classes: classNames.length,
      train: train.count,
      test: test.count,
      notes,
    });
    assertEquals(classNames, ["goldfish", "n02", "bannister"]);
    assertEquals(shape, { channels: 3, height: 32, width: 32 });
    assertEquals([...train.labels], [0, 1, 2, 0, 1, 2]);
    assertEquals([...test.labels], [1, 0, 2]);
    assertEquals(notes, [
      "There are 6 training images instead of the official 100,000.",
      "There are 3 test images instead of the official 10,000.",
    ]);
    // The second training image is the grey one.
    const [red, green, blue] = [3, 4, 5].map((plane) =>
      train.images.subarray(1024 * plane, 1024 * (plane + 1))
    );
    assertEquals(green, red!);
    assertEquals(blue, red!);
    assertEquals(test.images.subarray(0, 3072), train.images.subarray(0, 3072));
  }));

function without(name: string): Readonly<Record<string, Uint8Array | string>> {
  return Object.fromEntries(
    Object.entries(OFFICIAL).filter(([path]) => path !== name),
  );
}

const ANNOTATIONS = "val/val_annotations.txt";

const WRONG: readonly [
  what: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  message: string,
][] = [
  ["no wnids.txt", without("wnids.txt"), "expected wnids.txt in FOLDER or in"],
  [
    "no annotations",
    without(ANNOTATIONS),
    `labels of the validation images in FOLDER/${ANNOTATIONS} but found no such file`,
  ],
  [
    "an image without an annotation",
    { ...OFFICIAL, "val/images/val_9.JPEG": SQUARE_JPEG },
    "expected a line of val_annotations.txt for each image but found none for FOLDER/val/images/val_9.JPEG",
  ],
  [
    "an annotation without an image",
    without("val/images/val_1.JPEG"),
    "expected the annotated image FOLDER/val/images/val_1.JPEG but found no such file",
  ],
  [
    "an annotation of no class",
    { ...OFFICIAL, [ANNOTATIONS]: "val_0.JPEG\tn09\t0\t0\t1\t1\n" },
    `in line 1 of FOLDER/${ANNOTATIONS} but found "val_0.JPEG\tn09`,
  ],
  [
    "an image annotated twice",
    { ...OFFICIAL, [ANNOTATIONS]: "val_0.JPEG\tn01\nval_0.JPEG\tn02\n" },
    `each image once in FOLDER/${ANNOTATIONS} but found val_0.JPEG`,
  ],
  [
    "a class that wnids.txt lacks",
    { ...OFFICIAL, "train/n07/images/n07_0.JPEG": SQUARE_JPEG },
    "expected only classes of wnids.txt in FOLDER/train but found n07",
  ],
  [
    "a class without a folder",
    { ...OFFICIAL, "wnids.txt": [...IDS, "n08"].join("\n") },
    "expected the folder FOLDER/train/n08/images but found none",
  ],
  [
    "an id that is none",
    { ...OFFICIAL, "wnids.txt": "n01\ngoldfish\n" },
    "expected WordNet ids in FOLDER/wnids.txt but found goldfish",
  ],
  [
    "a file that is no image",
    { ...OFFICIAL, "train/n01/images/readme.txt": "hello" },
    "expected only images in FOLDER/train/n01/images but found readme.txt",
  ],
];

for (const [what, files, message] of WRONG) {
  Deno.test(`listTinyImageNet() refuses ${what}`, () =>
    withFolder(async (folder) => {
      await writeFiles(folder, files);
      await assertRejects(
        () => listTinyImageNet(folder),
        Error,
        message.replaceAll("FOLDER", folder),
      );
    }));
}

Deno.test("listTinyImageNet() asks for the archive to be unpacked", () =>
  withFolder(async (folder) => {
    await writeFiles(folder, { "tiny-imagenet-200.zip": "PK" });
    for (const path of [folder, `${folder}/tiny-imagenet-200.zip`]) {
      await assertRejects(
        () => listTinyImageNet(path),
        Error,
        "which must be unpacked first".slice(path === folder ? 0 : 6),
      );
    }
  }));

Deno.test("loadTinyImageNet() names the image that is cut off, if it is strict", () =>
  withFolder(async (folder) => {
    const name = "train/n03/images/n03_1.JPEG";
    await writeFiles(folder, {
      ...OFFICIAL,
      [name]: SQUARE_JPEG.subarray(0, -9),
    });
    await assertRejects(
      () =>
        loadTinyImageNet(folder, {
          size: 32,
          cache: `${folder}/cache`,
          strict: true,
        }),
      Error,
      `Cannot read ${folder}/${name}: expected a whole JPEG or PNG image but found "Premature end`,
    );
  }));
