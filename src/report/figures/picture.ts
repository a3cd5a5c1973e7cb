// Figures as files: an SVG and a PNG of the same name in the run's `figures`, and in
// `figures.json` their titles and descriptions.

import {
  fileInfo,
  makeFolder,
  readText,
  refuseLinks,
} from "../../base/disk.ts";
import { writeAtomically } from "../../base/atomic_write.ts";
import { checkFormat, readJson, writeJson } from "../../runs/stored_json.ts";
import {
  checkShape,
  list,
  object,
  type Shape,
  text,
  textLike,
} from "../../runs/stored_shape.ts";
import { svgToPng } from "./png.ts";

/** A drawing with its title and description. */
export interface Picture {
  /** Its name in files: lower case, without spaces. */
  readonly name: string;
  readonly title: string;
  /** A description for readers who do not see it. */
  readonly description: string;
  readonly svg: string;
}

const FORMAT = "frpat-figures-1";

const FIGURES: Shape = list(object<Omit<Picture, "svg">>({
  // It becomes part of a path, which must not lead out of the folder.
  name: textLike(/^[\w-]+(\.[\w-]+)*$/, "a name of letters, digits, - and _"),
  title: text,
  description: text,
}));

/**
 * Writes pictures as SVG and PNG to a run's folder, over those of the same names.
 *
 * @returns The paths of the SVG files.
 */
export async function writePictures(
  run: string,
  pictures: readonly Picture[],
): Promise<string[]> {
  const folder = `${run}/figures`;
  await refuseLinks(run);
  await makeFolder(folder);
  for (const { name, svg } of pictures) {
    await writeAtomically(`${folder}/${name}.svg`, svg);
    await writeAtomically(`${folder}/${name}.png`, await svgToPng(svg));
  }
  return pictures.map(({ name }) => `${folder}/${name}.svg`);
}

/**
 * Writes pictures and lists them for the run's report. Pictures of the same names are
 * replaced.
 *
 * @returns The paths of the SVG files.
 */
export async function storePictures(
  run: string,
  pictures: readonly Picture[],
): Promise<string[]> {
  const kept = (await storedPictures(run)).filter(({ name }) =>
    !pictures.some((other) => other.name === name)
  );
  const files = await writePictures(run, pictures);
  // The list is written last, so that every listed file exists.
  const figures = [...kept, ...pictures].map((
    { name, title, description },
  ) => ({ name, title, description }));
  const index = { format: FORMAT, figures };
  await writeAtomically(indexOf(run), `${writeJson(index, { indent: 2 })}\n`);
  return files;
}

/**
 * The pictures in a run's folder.
 *
 * @throws {UserError} if their list is damaged or of a newer version.
 */
export async function storedPictures(run: string): Promise<Picture[]> {
  const source = indexOf(run);
  if (!await fileInfo(source)) return [];
  await refuseLinks(`${run}/figures`);
  const index = await readJson(source);
  checkFormat(index["format"], { expected: FORMAT, source });
  const figures = checkShape<readonly Omit<Picture, "svg">[]>(
    index["figures"],
    { shape: FIGURES, source: `the figures of ${source}` },
  );
  return await Promise.all(figures.map(async (figure) => ({
    ...figure,
    svg: await readText(`${run}/figures/${figure.name}.svg`),
  })));
}

function indexOf(run: string): string {
  return `${run}/figures/figures.json`;
}
