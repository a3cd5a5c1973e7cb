// Every test writes its own small folder in the official layout; the last one
// reads real images where FRPAT_DATA names a folder with cifar10-exact.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { loadCifar10, loadCifar100 } from "../../src/data/cifar.ts";
import { checkDataset } from "../../src/data/dataset.ts";
import { extentOf } from "../../src/data/load_dataset.ts";
import { withFolder } from "../support/temporary_folder.ts";

const TRAIN_FILES = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);

/** One record: the label bytes, then 3,072 bytes that begin with `mark`. */
function record(labels: readonly number[], mark: number): Uint8Array {
  const bytes = new Uint8Array(labels.length + 3072);
  bytes.set(labels);
  for (let i = 0; i < 3072; i++) bytes[labels.length + i] = mark + i;
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Two records in each training file, labeled 0 1 1 2 2 3 3 4 4 5. */
async function writeCifar10(
  folder: string,
  { test = true }: { readonly test?: boolean } = {},
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [i, file] of TRAIN_FILES.entries()) {
    const records = [record([i], 2 * i), record([i + 1], 2 * i + 1)];
    await Deno.writeFile(join(folder, file), concat(records));
  }
  if (!test) return;
  await Deno.writeFile(join(folder, "test_batch.bin"), record([9], 200));
}

Deno.test("loadCifar10() reads records in order", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder);
    const dataset = await loadCifar10(folder);
    checkDataset(dataset);
    const { train, test } = dataset;
    assertEquals([train.count, test.count], [10, 1]);
    assertEquals([...train.labels], [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
    assertEquals([...test.labels], [9]);
    for (let image = 0; image < 10; image++) {
      const pixels = train.images.subarray(image * 3072, (image + 1) * 3072);
      assertEquals(pixels, record([], image));
    }
    assertEquals(test.images, record([], 200));
  }));

Deno.test("loadCifar10() takes the folder above the official one", () =>
  withFolder(async (folder) => {
    await writeCifar10(join(folder, "cifar-10-batches-bin"));
    const dataset = await loadCifar10(folder);
    assertEquals(dataset.train.count, 10);
  }));

Deno.test("loadCifar10() notes sizes that are not official", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder);
    assertEquals((await loadCifar10(folder)).notes, [
      "There are 10 training images instead of the official 50,000.",
      "There are 1 test images instead of the official 10,000.",
    ]);
  }));

Deno.test("loadCifar10() holds out an eighth where no test file is", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder, { test: false });
    const { train, test, notes } = await loadCifar10(folder);
    assertEquals([train.count, test.count], [9, 1]);
    assertEquals([...test.labels], [5]);
    assertEquals(test.images, record([], 9));
    assertEquals(notes, [
      "There are 10 training images instead of the official 50,000.",
      "There is no test_batch.bin: the last 1 training images are the test " +
      "set and are not trained on.",
    ]);
  }));

Deno.test("loadCifar10() reads class names or knows them", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder);
    const known = (await loadCifar10(folder)).classNames;
    assertEquals(known.length, 10);
    assertEquals([known[0], known[9]], ["airplane", "truck"]);

    const names = known.map((name) => name.toUpperCase());
    const path = join(folder, "batches.meta.txt");
    await Deno.writeTextFile(path, names.join("\r\n") + "\r\n\r\n");
    assertEquals((await loadCifar10(folder)).classNames, names);

    await Deno.writeTextFile(path, "one\ntwo\n");
    await assertRejects(
      () => loadCifar10(folder),
      Error,
      `expected 10 class names in ${folder}/batches.meta.txt but found 2`,
    );
  }));

Deno.test("loadCifar100() uses the fine label", () =>
  withFolder(async (folder) => {
    const at = join(folder, "cifar-100-binary");
    await Deno.mkdir(at);
    const train = concat([record([19, 99], 1), record([0, 42], 2)]);
    await Deno.writeFile(join(at, "train.bin"), train);
    await Deno.writeFile(join(at, "test.bin"), record([3, 7], 3));
    const dataset = await loadCifar100(folder);
    checkDataset(dataset);
    assertEquals([...dataset.train.labels], [99, 42]);
    assertEquals([...dataset.test.labels], [7]);
    assertEquals(dataset.test.images, record([], 3));
    assertEquals(dataset.classNames[42], "class 42");
    assertEquals(dataset.name, "cifar100");

    const names = Array.from({ length: 100 }, (_, i) => `name_${i}`);
    const path = join(at, "fine_label_names.txt");
    await Deno.writeTextFile(path, names.join("\n"));
    assertEquals((await loadCifar100(at)).classNames, names);
  }));

Deno.test("loadCifar100() refuses coarse and fine labels out of range", () =>
  withFolder(async (folder) => {
    const path = join(folder, "train.bin");
    await Deno.writeFile(path, record([20, 0], 0));
    await assertRejects(
      () => loadCifar100(folder),
      UserError,
      `expected labels from 0 to 19 in ${folder}/train.bin but found 20 in ` +
        "record 0",
    );
    const second = concat([record([0, 0], 0), record([0, 100], 0)]);
    await Deno.writeFile(path, second);
    await assertRejects(
      () => loadCifar100(folder),
      UserError,
      "expected labels from 0 to 99",
    );
  }));

Deno.test("loadCifar10() refuses a file that is cut inside a record", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder);
    const path = join(folder, "data_batch_3.bin");
    await Deno.truncate(path, 5000);
    await assertRejects(
      () => loadCifar10(folder),
      Error,
      `expected ${folder}/data_batch_3.bin to be a whole number of records ` +
        "of 3,073 bytes but found 5,000 bytes, which are 1 records and 1,927 " +
        "bytes",
    );
  }));

Deno.test("loadCifar10() says what a foreign file is", async () => {
  const pickle = Uint8Array.of(0x80, 0x02, 0x7d, 0x71);
  const gzip = Uint8Array.of(0x1f, 0x8b, 0x08);
  const cases: readonly [Uint8Array, string][] = [
    [new Uint8Array(0), "found an empty file"],
    [pickle, "found a Python pickle; the binary version is needed"],
    [gzip, "found a gzip archive"],
    [record([0, 0], 0), "found 3,074 bytes, which are 1 records and 1 bytes"],
    [record([10], 0), "expected labels from 0 to 9"],
  ];
  for (const [bytes, message] of cases) {
    await withFolder(async (folder) => {
      await writeCifar10(folder);
      await Deno.writeFile(join(folder, "test_batch.bin"), bytes);
      const error = await assertRejects(() => loadCifar10(folder), Error);
      assertStringIncludes(error.message, "Cannot load CIFAR-10: expected ");
      assertStringIncludes(error.message, message);
      assertStringIncludes(error.message, "test_batch.bin");
    });
  }
});

Deno.test("loadCifar10() names the training file that is missing", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder);
    await Deno.remove(join(folder, "data_batch_4.bin"));
    await assertRejects(
      () => loadCifar10(folder),
      Error,
      "expected the files data_batch_1.bin, data_batch_2.bin, " +
        "data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, " +
        `test_batch.bin but found no ${folder}/data_batch_4.bin`,
    );
  }));

Deno.test("loadCifar10() says what stands where the folder should be", () =>
  withFolder(async (folder) => {
    const at = join(folder, "data");
    const expected = `Cannot load CIFAR-10: expected data_batch_1.bin in ` +
      `${at} or in its folder cifar-10-batches-bin but found `;
    const refusal = async (): Promise<string> => {
      const error = await assertRejects(() => loadCifar10(at), Error);
      assertStringIncludes(error.message, expected);
      return error.message.slice(expected.length);
    };
    assertEquals(await refusal(), "no such folder");
    await Deno.writeTextFile(at, "");
    assertEquals(await refusal(), "a file");
    await Deno.remove(at);
    await Deno.mkdir(at);
    assertEquals(await refusal(), "an empty folder");
    for (const name of ["g", "f", "e", "d", "c", "b", "a"]) {
      await Deno.writeTextFile(join(at, name), "");
    }
    assertEquals(await refusal(), "only a, b, c, d, e and 2 more");
    await Deno.writeTextFile(join(at, "cifar-10-binary.tar.gz"), "");
    assertEquals(
      await refusal(),
      "only cifar-10-binary.tar.gz, which must be unpacked first",
    );
    await Deno.writeTextFile(join(at, "data_batch_1"), "");
    assertEquals(
      await refusal(),
      "data_batch_1, which belongs to the Python version; the binary version " +
        "is needed",
    );
  }));

Deno.test("loadCifar10() refuses an archive in place of the folder", () =>
  withFolder(async (folder) => {
    const archive = join(folder, "cifar-10-binary.tar.gz");
    await Deno.writeTextFile(archive, "");
    await assertRejects(
      () => loadCifar10(archive),
      Error,
      "but found an archive, which must be unpacked first",
    );
  }));

Deno.test("loadCifar10() refuses too few images to hold some out", () =>
  withFolder(async (folder) => {
    await writeCifar10(folder, { test: false });
    for (const file of TRAIN_FILES) {
      await Deno.truncate(join(folder, file), 3073);
    }
    await assertRejects(
      () => loadCifar10(folder),
      Error,
      "expected test_batch.bin or at least 8 training images to hold some " +
        "out but found 5",
    );
  }));

const REAL = Deno.env.get("FRPAT_DATA");

Deno.test({
  name: "loadCifar10() reads real images" +
    (REAL === undefined ? " (not run: FRPAT_DATA is not set)" : ""),
  ignore: REAL === undefined,
  fn: async () => {
    const dataset = await loadCifar10(join(REAL!, "cifar10-exact"));
    checkDataset(dataset);
    const { train, test, notes } = dataset;
    assertEquals(train.count + test.count, 8068);
    assertEquals(test.count, 1008);
    assertEquals(
      [...train.labels.subarray(0, 10)],
      [6, 9, 9, 4, 1, 1, 2, 7, 8, 3],
    );
    assertEquals(dataset.classNames[6], "frog");
    assert(notes[1]?.startsWith("There is no test_batch.bin"));
  },
});

Deno.test("extentOf() counts the images of a CIFAR folder as loading it does", () =>
  withFolder(async (folder) => {
    for (const test of [true, false]) {
      const own = join(folder, String(test));
      await writeCifar10(join(own, "cifar-10-batches-bin"), { test });
      const dataset = await loadCifar10(own);
      const extent = await extentOf({ dataset: "cifar10" }, { folder: own });
      assertEquals(extent, {
        shape: dataset.shape,
        classes: 10,
        train: dataset.train.count,
        test: dataset.test.count,
        notes: dataset.notes,
      });
    }
    await Deno.writeFile(join(folder, "data_batch_1.bin"), new Uint8Array(5));
    await assertRejects(
      () => extentOf({ dataset: "cifar10" }, { folder }),
      UserError,
      "to be a whole number of records of 3,073 bytes but found 5 bytes",
    );
  }));
