import { assertEquals, assertRejects } from "@std/assert";
import { extentOf, loadDataset } from "../../src/data/load_dataset.ts";
import { GREY_JPEG, PNG, writeFiles } from "../support/image_files.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { UserError } from "../../src/base/errors.ts";

Deno.test("extentOf() says what loadDataset() then gives", async () => {
  const config = { dataset: "shapes", train: 12, test: 11 } as const;
  const { shape, classNames, train, test } = await loadDataset(config);
  assertEquals(await extentOf(config), {
    shape,
    classes: classNames.length,
    train: train.count,
    test: test.count,
  });
});

Deno.test("extentOf() knows the official CIFAR sets", async () => {
  const shape = { channels: 3, height: 32, width: 32 } as const;
  const counts = { train: 50_000, test: 10_000 };
  assertEquals(await extentOf({ dataset: "cifar10" }), {
    shape,
    classes: 10,
    ...counts,
  });
  assertEquals(await extentOf({ dataset: "cifar100" }), {
    shape,
    classes: 100,
    ...counts,
  });
});

Deno.test("loadDataset() reads CIFAR from the folder that is given", async () => {
  const folder = await Deno.makeTempDir({ prefix: "datasets_test_" });
  try {
    const record = new Uint8Array(3073);
    record[0] = 7;
    const bytes = new Uint8Array([...record, ...record]);
    for (const batch of [1, 2, 3, 4, 5]) {
      await Deno.writeFile(`${folder}/data_batch_${batch}.bin`, bytes);
    }
    await Deno.writeFile(`${folder}/test_batch.bin`, bytes);
    const { name, train, test } = await loadDataset(
      { dataset: "cifar10" },
      { folder },
    );
    assertEquals([name, train.count, test.labels[0]], ["cifar10", 10, 7]);
    await assertRejects(
      () => loadDataset({ dataset: "cifar100" }, { folder }),
      Error,
      "Cannot load CIFAR-100: expected train.bin",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadDataset() refuses a folder for images that are drawn", async () => {
  const config = { dataset: "shapes", train: 12, test: 11 } as const;
  await assertRejects(
    () => extentOf(config, { folder: "images" }),
    UserError,
    "Cannot load shapes from images: expected no folder",
  );
  await assertRejects(
    () => loadDataset(config, { folder: "images" }),
    UserError,
    "Cannot load shapes from images: expected no folder",
  );
});

Deno.test("extentOf() counts a folder of images without decoding them", () =>
  withFolder(async (folder) => {
    await writeFiles(folder, {
      "train/a/0.png": PNG,
      "train/a/1.png": "not looked at",
      "train/b/0.jpg": GREY_JPEG,
      "val/a/0.jpg": "not looked at",
      "val/b/0.jpg": "not looked at",
    });
    const extentAt = (size: number | null) =>
      extentOf({ dataset: "folder", size }, { folder: `${folder}/` });
    const notes = [
      "3 training images of 2 classes are in train, 2 test images in val.",
    ];
    const counts = { classes: 2, train: 3, test: 2, notes };
    const shape = { channels: 3, height: 24, width: 36 } as const;
    assertEquals(await extentAt(null), { shape, ...counts });
    const small = { channels: 3, height: 8, width: 8 } as const;
    assertEquals(await extentAt(8), { shape: small, ...counts });
  }));

Deno.test("extentOf() knows Tiny ImageNet at the size of an experiment", async () => {
  for (const size of [32, 64]) {
    assertEquals(await extentOf({ dataset: "tiny-imagenet", size }), {
      shape: { channels: 3, height: size, width: size },
      classes: 200,
      train: 100_000,
      test: 10_000,
    });
  }
});

for (
  const config of [
    { dataset: "tiny-imagenet", size: 32 },
    { dataset: "folder", size: null },
  ] as const
) {
  Deno.test(`loadDataset() asks where ${config.dataset} is`, async () => {
    await assertRejects(
      () => loadDataset(config),
      UserError,
      "expected --data DIR",
    );
  });
}
