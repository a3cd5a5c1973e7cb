// `sweep`: runs of many recipes and seeds, and their results as one table.

import { writeAtomically } from "../../base/atomic_write.ts";
import { makeFolder } from "../../base/disk.ts";
import type { Experiment } from "../../config/experiment.ts";
import { matchingRecipes } from "../../recipes/mod.ts";
import { applySettings } from "../../config/settings.ts";
import { defaultRunPath } from "../../runs/run_folder.ts";
import { sweepCsv, sweepMarkdown } from "../../runs/sweep_table.ts";
import { Interruption } from "../terminal/interruption.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError } from "../../base/errors.ts";
import {
  sweep,
  type SweepOptions,
  type SweepOutcome,
  type SweepRun,
} from "../../trainer/sweep.ts";
import { asUsage } from "./as_usage.ts";
import type { Command } from "./command.ts";
import { CHANGES, DATA } from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import {
  askedMeasures,
  hasMeasures,
  MEASURES,
  measureWords,
} from "./measure_run.ts";
import { startTraining, type TrainProcess } from "./train_process.ts";

/** The default folder of the runs and the table. */
const OUT = "runs";

/** Trains many recipes. */
export const SWEEP: Command = {
  name: "sweep",
  about: "Train many recipes with many seeds, and make a table of the results",
  argument: {
    name: "PATTERN",
    required: true,
    many: true,
    about: "names of recipes, in which * stands for anything but a slash",
  },
  options: [
    {
      name: "seeds",
      value: "LIST",
      about: "Seeds, such as 1,2,3; each recipe's own if left out",
    },
    {
      name: "out",
      value: "DIR",
      about: `Folder of the runs' folders and the table; ${OUT} if left out`,
    },
    DATA,
    ...CHANGES.filter(({ name }) => name !== "seed"),
    ...MEASURES,
  ],
  examples: [
    "sweep 'table2/*' --seeds 1,2,3 --out runs/table2",
    "sweep 'table2/*' --attack cw-20,autoattack --relation",
    "sweep shapes/trades 'shapes/*-frpat' --epochs 10",
  ],
  run: carryOut,
};

async function carryOut(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const out = (invocation.value("out") ?? OUT).replace(/(?<=.)\/+$/, "");
  const runs = asUsage(() => runsOf(invocation, out));
  checkData(invocation, runs);
  const isComplete = completeness(invocation, runs);
  let process: TrainProcess | null = null;
  using interruption = new Interruption({
    onFirst: () => process?.interrupt(),
    onSecond: () => process?.interrupt(),
  });
  terminal.onFailure = () => interruption.stop();
  const outcome = await sweep(runs, {
    train: async (run, { resume }) => {
      process = startTraining(wordsFor(run, { resume, invocation }));
      try {
        return await process.end;
      } finally {
        process = null;
      }
    },
    isComplete,
    signal: interruption.signal,
    onRun: announce(terminal),
    onWait: (holder) =>
      terminal.print(`waiting for ${holder}, which trains there already`),
  });
  await writeTables(out, outcome);
  terminal.print(`\n${sweepMarkdown(outcome.rows)}`);
  terminal.print(`The table is in ${out}/table.md and ${out}/table.csv`);
  if (outcome.interrupted) {
    terminal.warn("Stopped; the same command goes on from here");
    return EXIT.interrupted;
  }
  const failed = outcome.rows.some(({ errors }) => errors.length > 0);
  return failed ? EXIT.failed : EXIT.done;
}

/** Whether a run has what is to be measured at its end, understood before any runs. */
function completeness(
  invocation: Invocation,
  runs: readonly SweepRun[],
): NonNullable<SweepOptions["isComplete"]> {
  const measures = new Map(runs.map((run) => [
    run,
    askedMeasures(invocation, run.experiment.evaluation),
  ]));
  return (run, card) => hasMeasures(card, measures.get(run)!);
}

/** The runs that an invocation asks for: seed after seed of each recipe. */
function runsOf(invocation: Invocation, out: string): SweepRun[] {
  const seeds = seedsOf(invocation.value("seeds"));
  return matchingRecipes(invocation.args).flatMap((recipe) =>
    (seeds ?? [recipe.seed]).map((seed): SweepRun => {
      const settings = settingsOf(invocation, seed);
      const experiment = applySettings(recipe, settings);
      const path = defaultRunPath(experiment).replace(/^runs(?=\/)/, out);
      return { experiment, path };
    })
  );
}

/** A list of seeds; null where none was given. */
function seedsOf(text: string | undefined): readonly number[] | null {
  if (text === undefined) return null;
  const seeds = text.split(",").map((part) =>
    /^\d+$/.test(part.trim()) ? Number(part) : NaN
  );
  if (seeds.some(isNaN) || new Set(seeds).size < seeds.length) {
    throw new UsageError(
      `Cannot use --seeds ${text}: expected different whole numbers such as ` +
        `1,2,3 but found ${text}`,
    );
  }
  return seeds;
}

/** The changes to a recipe, in the order in which `train` makes them. */
function settingsOf(invocation: Invocation, seed: number): string[] {
  const epochs = invocation.value("epochs");
  return [
    ...epochs === undefined ? [] : [`epochs=${epochs}`],
    `seed=${seed}`,
    ...invocation.values("set"),
  ];
}

/** Throws if one folder of images is given for several data sets. */
function checkData(invocation: Invocation, runs: readonly SweepRun[]): void {
  const sets = new Set(runs.map(({ experiment }) => experiment.data.dataset));
  if (invocation.value("data") === undefined || sets.size < 2) return;
  throw new UsageError(
    "Cannot use --data: expected recipes of one data set but found those of " +
      `${[...sets].join(", ")}; sweep them one after the other`,
  );
}

/** The arguments of `train` for a run. */
function wordsFor(
  { experiment, path }: SweepRun,
  { resume, invocation }: {
    readonly resume: boolean;
    readonly invocation: Invocation;
  },
): string[] {
  const data = invocation.value("data");
  const common = [
    `--out=${path}`,
    ...data === undefined ? [] : [`--data=${data}`],
    ...measureWords(invocation),
  ];
  if (resume) return ["--resume", ...common];
  const epochs = invocation.value("epochs");
  return [
    experiment.name,
    ...common,
    `--seed=${experiment.seed}`,
    ...epochs === undefined ? [] : [`--epochs=${epochs}`],
    ...invocation.values("set").map((setting) => `--set=${setting}`),
  ];
}

/** Prints a line before each run. */
function announce(terminal: Terminal): NonNullable<SweepOptions["onRun"]> {
  return ({ experiment, path }, { number, of, state }) => {
    const what = `${nameOf(experiment)} in ${path}`;
    const note =
      { new: "", begun: ", to go on", finished: ", finished" }[state];
    terminal.print(`\n[${number} of ${of}] ${what}${note}`);
  };
}

function nameOf({ name, seed }: Experiment): string {
  return `${name}, seed ${seed}`;
}

async function writeTables(out: string, { rows }: SweepOutcome): Promise<void> {
  await makeFolder(out);
  const write = (name: string, text: string): Promise<void> =>
    writeAtomically(`${out}/${name}`, text);
  await write("table.md", sweepMarkdown(rows));
  await write("table.csv", sweepCsv(rows));
}
