// A run's folder as training leaves it, or in the middle of an epoch, without the
// training.

import { storePictures } from "../../src/report/figures/picture.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import type { LogLine } from "../../src/runs/log_line.ts";
import { RunLog } from "../../src/runs/run_log.ts";
import { exampleCard } from "./example_card.ts";
import { EXAMPLE, EXAMPLE_ENVIRONMENT } from "./example_experiment.ts";

/** A figure whose words would be markup if they were not escaped. */
export const PICTURE = {
  name: "bars",
  title: 'Accuracy <by> "class"',
  description: "A figure of <b>nothing</b> & more.",
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">' +
    '<rect width="20" height="10" fill="#0072B2"/></svg>',
};

/** What an epoch of the example logs. */
export function epochLines(epoch: number): LogLine[] {
  const step = 14 * epoch;
  const share = epoch / EXAMPLE.epochs;
  return [
    {
      kind: "epoch",
      epoch,
      step,
      means: {
        natural: 2.3 - share,
        robust: 0.1,
        relation: 0.2 + share,
        teacher: 2.3 - 2 * share,
        cleanAccuracy: share / 2,
        adversarialAccuracy: share / 4,
        teacherAccuracy: share,
      },
      images: 896,
      learningRate: 0.1,
      seconds: 60,
      imagesPerSecond: 17,
    },
    {
      kind: "evaluation",
      epoch,
      step,
      network: "student",
      split: "validation",
      results: {
        clean: { correct: Math.round(100 * share), count: 128 },
        pgd20: { correct: Math.round(50 * share), count: 128 },
      },
      seconds: 2,
    },
  ].map((line) =>
    ({ ...line, time: `2026-01-01T00:${10 + epoch}:00.000Z` }) as LogLine
  );
}

/** Steps inside an epoch. */
export function stepLine(epoch: number): LogLine {
  const [line] = epochLines(epoch);
  return {
    ...line,
    kind: "steps",
    step: 14 * epoch - 4,
    images: 640,
  } as LogLine;
}

/** Makes a run of so many epochs, with its result and a figure if it is finished. */
export async function exampleRun(
  path: string,
  { epochs, seed = 1 }: { readonly epochs: number; readonly seed?: number },
): Promise<void> {
  const experiment = { ...EXAMPLE, seed };
  using folder = await RunFolder.create(path, {
    experiment,
    environment: EXAMPLE_ENVIRONMENT,
  });
  using log = await RunLog.open(folder.files.log, { step: 0 });
  const time = "2026-01-01T00:00:00.000Z";
  const start = {
    epoch: 0,
    step: 0,
    experiment: EXAMPLE.name,
    seed,
    stepsPerEpoch: 14,
    time,
  };
  log.append({ kind: "start", ...start });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (const line of epochLines(epoch)) log.append(line);
  }
  if (epochs < EXAMPLE.epochs) return;
  const end = { epoch: epochs, step: 14 * epochs, seconds: 720, time };
  log.append({ kind: "end", ...end });
  await folder.writeCard(exampleCard());
  await storePictures(path, [PICTURE]);
}
