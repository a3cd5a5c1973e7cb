// `figures`: draws a run's curves, and what its network sees and mistakes, as pictures
// in the run's folder.

import { fileInfo } from "../../base/disk.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { RunFigures } from "../../report/figures/run_figures.ts";
import { loadCheckpoint } from "../../runs/checkpoint.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import { readLog } from "../../runs/run_log.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UserError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { DATA } from "./experiment_options.ts";
import { drawing } from "./drawing.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice } from "./machine.ts";
import { obtainDataset } from "./obtain_dataset.ts";

/** The default number of images: as many as t-SNE shows at most. */
const LIMIT = 512;

/** Draws the figures of a run. */
export const FIGURES: Command = {
  name: "figures",
  about:
    "Draw the curves of a run, accuracy by class and radius, images, features",
  argument: { name: "RUN", required: true, about: "the folder of a run" },
  options: [
    DATA,
    {
      name: "limit",
      value: "N",
      about: `Only the first N test images, N features; ${LIMIT} if left out`,
    },
  ],
  examples: ["figures runs/shapes-frpat-seed1"],
  run: drawFigures,
};

async function drawFigures(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const folder = await RunFolder.open(invocation.argument!);
  const { path, files, experiment } = folder;
  const lines = await readLog(files.log);
  const checkpoint = await checkpointOf(folder);
  if (checkpoint === null && !lines.some(({ kind }) => kind === "diverged")) {
    throw new UserError(
      `Cannot draw ${path}: expected a checkpoint but found none yet`,
    );
  }
  const { storedPictures, storePictures, writePictures } = await drawing(
    "picture",
  );
  await storedPictures(path);
  const { drawnCurves } = await drawing("trainingCurves");
  const { pictures, missing } = checkpoint === null
    ? { pictures: [], missing: "The run diverged before its first checkpoint" }
    : await networkFigures(invocation, { experiment, checkpoint, terminal });
  terminal.clear();
  // A report draws the curves from the log itself, so they are not listed for it.
  const written = [
    ...await writePictures(path, await drawnCurves({ experiment, lines })),
    ...await storePictures(path, pictures),
  ];
  for (const file of written) terminal.print(withPng(file));
  if (missing !== null) {
    terminal.warn(`Warning: some figures are missing. ${missing}`);
  }
  return EXIT.done;
}

/** Draws what the network of a checkpoint sees and mistakes. */
async function networkFigures(
  invocation: Invocation,
  { experiment, checkpoint, terminal }: {
    readonly experiment: Experiment;
    readonly checkpoint: string;
    readonly terminal: Terminal;
  },
): Promise<RunFigures> {
  const limit = invocation.whole("limit", { least: 2 }) ?? LIMIT;
  const { runFigures } = await drawing("runFigures");
  using device = await openDevice();
  const source = { folder: invocation.value("data"), terminal };
  const dataset = await obtainDataset(experiment.data, source);
  return await runFigures({
    device,
    experiment,
    checkpoint,
    dataset,
    limit,
    onProgress: (what) => terminal.live(what),
  });
}

/** The path of an SVG, and the name of the PNG beside it. */
export function withPng(path: string): string {
  return `${path}, ${path.replace(/^.*\//, "").replace(/svg$/, "png")}`;
}

/** The best checkpoint of a run, or the last one while there is no best one. */
async function checkpointOf(
  { files, experiment }: RunFolder,
): Promise<string | null> {
  for (const file of [files.best, files.last]) {
    if (!await fileInfo(file)) continue;
    // One that cannot be used is refused before anything is drawn.
    await loadCheckpoint(file, { of: experiment });
    return file;
  }
  return null;
}
