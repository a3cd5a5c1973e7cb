import { assertEquals } from "@std/assert";
import { withPng } from "../../../src/cli/commands/figures.ts";
import { writePictures } from "../../../src/report/figures/picture.ts";
import { PICTURE } from "../../support/example_run.ts";
import { namesIn, withFolder } from "../../support/temporary_folder.ts";

Deno.test("figures names both files of each picture", () =>
  withFolder(async (run) => {
    const [file] = await writePictures(run, [PICTURE]);
    assertEquals(withPng(file!), `${run}/figures/bars.svg, bars.png`);
    assertEquals(await namesIn(`${run}/figures`), ["bars.png", "bars.svg"]);
  }));
