import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import {
  storedPictures,
  storePictures,
} from "../../../src/report/figures/picture.ts";
import { PICTURE } from "../../support/example_run.ts";
import { withFolder } from "../../support/temporary_folder.ts";

Deno.test("storedPictures() gives back what storePictures() wrote", () =>
  withFolder(async (run) => {
    assertEquals(await storedPictures(run), []);
    const other = { ...PICTURE, name: "other-2" };
    await storePictures(run, [PICTURE]);
    await storePictures(run, [other]);
    assertEquals(await storedPictures(run), [PICTURE, other]);
  }));

Deno.test("storedPictures() names what of its list is wrong", () =>
  withFolder(async (run) => {
    await storePictures(run, [PICTURE]);
    const file = `${run}/figures/figures.json`;
    const list = JSON.parse(await Deno.readTextFile(file));
    const [figure] = list.figures;
    const spoiled: readonly [figures: unknown, message: string][] = [
      [undefined, "expected a JSON array but found nothing"],
      [[{ ...figure, title: 1 }], "expected 0.title to be a text but found 1"],
      [[{ ...figure, name: "../../x" }], "expected 0.name to be a name of"],
      [[{ ...figure, name: "gone" }], `Cannot read ${run}/figures/gone.svg`],
    ];
    for (const [figures, message] of spoiled) {
      await Deno.writeTextFile(file, JSON.stringify({ ...list, figures }));
      await assertRejects(() => storedPictures(run), UserError, message);
    }
  }));

Deno.test("storePictures() writes nothing through a symbolic link", () =>
  withFolder(async (folder) => {
    const [run, target] = [`${folder}/run`, `${folder}/elsewhere`];
    await Deno.mkdir(run);
    await Deno.mkdir(target);
    await Deno.symlink(target, `${run}/figures`);
    await assertRejects(() => storePictures(run, [PICTURE]), UserError, "link");
    assertEquals([...Deno.readDirSync(target)], []);
  }));
