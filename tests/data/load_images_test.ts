// The cache of decoded images: used while the files are as they were and it is whole,
// made anew otherwise, and never needed.

import { assert, assertEquals } from "@std/assert";
import type { Dataset } from "../../src/data/dataset.ts";
import { loadImageFolder } from "../../src/data/image_folder.ts";
import type { ImageProgress } from "../../src/data/load_images.ts";
import {
  GREY_JPEG,
  PNG,
  SQUARE_JPEG,
  writeFiles,
} from "../support/image_files.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

/** Loads a folder, and tells what loading did. */
async function load(
  folder: string,
  { cache, size = 16 }: { readonly cache: string; readonly size?: number },
): Promise<{ readonly dataset: Dataset; readonly stages: readonly string[] }> {
  const stages: string[] = [];
  const onProgress = (progress: ImageProgress): void => {
    stages.push(progress.stage === "cache" ? progress.problem : progress.stage);
  };
  const dataset = await loadImageFolder(folder, { size, cache, onProgress });
  return { dataset, stages: [...new Set(stages)] };
}

const FILES = {
  "train/a/1.png": PNG,
  "train/b/1.jpg": SQUARE_JPEG,
  "test/a/1.jpg": GREY_JPEG,
  "test/b/1.png": PNG,
};

Deno.test("loadImages() decodes once and reads its cache from then on", () =>
  withFolder(async (folder) => {
    await writeFiles(`${folder}/set`, FILES);
    const cache = `${folder}/cache/frpat`;
    const first = await load(`${folder}/set`, { cache });
    assertEquals(first.stages, ["decoding"]);
    const again = await load(`${folder}/set`, { cache });
    assertEquals(again, { dataset: first.dataset, stages: [] });
    const other = await load(`${folder}/set`, { cache, size: 8 });
    assertEquals(other.stages, ["decoding"]);
    assertEquals((await load(`${folder}/set`, { cache })).stages, []);
    const names = await namesIn(cache);
    assertEquals(names.map((name) => name.replace(/-[0-9a-f]{16}/, "")), [
      "folder-16.images",
      "folder-8.images",
    ]);
  }));

Deno.test("loadImages() decodes anew when a file was added, replaced or moved", () =>
  withFolder(async (folder) => {
    await writeFiles(folder, FILES);
    const cache = `${folder}/cache`;
    const root = `${folder}/train`;
    const change: readonly (() => Promise<void>)[] = [
      () => writeFiles(root, { "a/2.png": PNG }),
      () => writeFiles(root, { "a/2.png": SQUARE_JPEG }),
      () => Deno.rename(`${root}/a/2.png`, `${root}/b/2.png`),
      () => Deno.utime(`${root}/b/2.png`, 1, 1),
    ];
    await load(folder, { cache });
    for (const act of change) {
      await act();
      assertEquals((await load(folder, { cache })).stages, ["decoding"]);
      assertEquals((await load(folder, { cache })).stages, []);
    }
    assertEquals((await namesIn(cache)).length, 1);
  }));

Deno.test("loadImages() replaces a damaged cache and says so", () =>
  withFolder(async (folder) => {
    await writeFiles(`${folder}/set`, FILES);
    const cache = `${folder}/cache`;
    const { dataset } = await load(`${folder}/set`, { cache });
    const [name] = await namesIn(cache);
    const path = `${cache}/${name}`;
    const whole = await Deno.readFile(path);
    const flipped = whole.slice();
    flipped[flipped.length - 100]! ^= 1;
    for (const damaged of [flipped, whole.slice(0, -1), whole.slice(0, 9)]) {
      await Deno.writeFile(path, damaged);
      const again = await load(`${folder}/set`, { cache });
      assertEquals(again.dataset, dataset);
      assertEquals(again.stages, [
        "decoding",
        `${path} was damaged and is replaced`,
      ]);
      assertEquals(await Deno.readFile(path), whole);
    }
  }));

Deno.test("loadImages() works where the cache cannot be written", () =>
  withFolder(async (folder) => {
    await writeFiles(`${folder}/set`, FILES);
    await Deno.writeTextFile(`${folder}/cache`, "a file, not a folder");
    const { dataset, stages } = await load(`${folder}/set`, {
      cache: `${folder}/cache`,
    });
    assertEquals(dataset.train.count, 2);
    assertEquals(stages[0], "decoding");
    assert(stages[1], "the failure must be told");
  }));
