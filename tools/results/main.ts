/**
 * Makes the tables and pictures of the documentation from finished runs.
 *
 *     deno task results add NAME --command "./denow sweep …" RUN…   keeps runs as docs/results/NAME.json
 *     deno task results                                            fills README.md and docs/results.md
 *
 * Filling also writes src/recipes/measured.gen.ts, whose numbers a run's card shows beside
 * its own. `add` copies the adversarial images of the first run that has them, which
 * `./denow figures RUN` draws.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fileInfo } from "../../src/base/disk.ts";
import { UserError } from "../../src/base/errors.ts";
import { renderChart } from "../../src/report/figures/chart.ts";
import { readRun, type ReportedRun } from "../../src/report/reported_run.ts";
import { CHARTS, filled, pictureOf } from "./fill.ts";
import { studyOf } from "./gather.ts";
import { measuredModule } from "./measured.ts";
import {
  readStudy,
  type Study,
  type StudyPicture,
  studyText,
} from "./study.ts";

const ROOT = new URL("../../", import.meta.url);
const STUDIES = new URL("docs/results/", ROOT);
const MEASURED = new URL("src/recipes/measured.gen.ts", ROOT);
const IMAGES = new URL("docs/images/", ROOT);

/** The pages with measured parts, and the folder of pictures as they name it. */
export const PAGES = {
  "README.md": "docs/images",
  "docs/results.md": "images",
} as const;

/** The studies that are kept, by name. */
export async function keptStudies(): Promise<Study[]> {
  if (!await fileInfo(pathOf(STUDIES))) return [];
  const names = [...Deno.readDirSync(STUDIES)].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).sort();
  return await Promise.all(
    names.map((name) => readStudy(pathOf(new URL(name, STUDIES)))),
  );
}

/** A page as it is, and as the studies make it. */
export function pageTexts(
  page: keyof typeof PAGES,
  studies: readonly Study[],
): { readonly made: string; readonly kept: string } {
  const kept = Deno.readTextFileSync(new URL(page, ROOT));
  return { made: filled(kept, { studies, images: PAGES[page] }), kept };
}

/** The names of the pages. */
export const PAGE_NAMES = Object.keys(PAGES) as (keyof typeof PAGES)[];

async function add(
  [name, ...paths]: readonly string[],
  commands: readonly string[],
): Promise<void> {
  if (!name || paths.length === 0 || commands.length === 0) {
    throw new UserError(
      "Cannot add a study: expected its name, --command and folders of runs " +
        `but found ${[name, ...paths].join(" ") || "nothing"}`,
    );
  }
  const runs = await Promise.all(paths.map(readRun));
  const pictures = await copyImages(name, runs);
  const study = studyOf(runs, { name, commands, pictures });
  await Deno.mkdir(STUDIES, { recursive: true });
  await Deno.writeTextFile(new URL(`${name}.json`, STUDIES), studyText(study));
}

/** Copies the adversarial images of the first run that has drawn them. */
async function copyImages(
  name: string,
  runs: readonly ReportedRun[],
): Promise<StudyPicture[]> {
  for (const { experiment, pictures } of runs) {
    const found = pictures.find((picture) => picture.name === "images");
    if (!found) continue;
    const file = `results-${name}-images.svg`;
    await Deno.writeTextFile(new URL(file, IMAGES), found.svg);
    const { name: recipe, seed } = experiment;
    const description = `${recipe}, seed ${seed}: ${found.description}`;
    return [{ file, description }];
  }
  return [];
}

async function fill(): Promise<void> {
  const studies = await keptStudies();
  const texts = PAGE_NAMES.map((page) => pageTexts(page, studies).made);
  for (const [i, page] of PAGE_NAMES.entries()) {
    await Deno.writeTextFile(new URL(page, ROOT), texts[i]!);
  }
  await Deno.writeTextFile(MEASURED, measuredModule(studies));
  const charts = Object.values(CHARTS).flatMap((charts) =>
    studies.flatMap(charts)
  );
  for (const chart of charts) {
    const { file } = pictureOf(chart);
    if (!texts.some((text) => text.includes(`/${file})`))) continue;
    await Deno.writeTextFile(new URL(file, IMAGES), await renderChart(chart));
  }
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}

if (import.meta.main) {
  const { _, command } = parseArgs(Deno.args, {
    string: ["command", "_"],
    collect: ["command"],
  });
  const [verb, ...words] = _.map(String);
  try {
    if (verb === "add") await add(words, command);
    await fill();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // deno-lint-ignore no-console -- what the task has to say
    console.error(error.message);
    Deno.exit(1);
  }
}
