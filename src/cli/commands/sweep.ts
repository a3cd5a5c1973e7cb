// `sweep`: runs of many recipes and seeds, and their results as one table.

import { writeAtomically } from "../../base/atomic_write.ts";
import { makeFolder } from "../../base/disk.ts";
import { commandLine } from "../../base/command_line.ts";
import { sweepCsv, sweepMarkdown } from "../../runs/sweep_table.ts";
import { Interruption } from "../terminal/interruption.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT } from "../../base/errors.ts";
import {
  sweep,
  type SweepOptions,
  type SweepOutcome,
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
import { submit } from "./slurm_job.ts";
import { printPlan } from "./sweep_plan.ts";
import { checkWays, WAYS } from "./sweep_ways.ts";
import {
  type PlannedRun,
  plannedRuns,
  shardOf,
  shardRuns,
} from "./sweep_runs.ts";
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
    ...CHANGES.filter(({ name }) => name !== "seed" && name !== "set"),
    {
      name: "set",
      value: "KEY=VALUE",
      many: true,
      about: "Any field of the recipes; KEY=1,2,3 makes a run for each value",
    },
    ...MEASURES,
    ...WAYS,
  ],
  examples: [
    "sweep 'table2/*' --seeds 1,2,3 --out runs/table2",
    "sweep 'table2/*' --attack cw-20,autoattack --relation",
    "sweep shapes/trades 'shapes/*-frpat' --epochs 10",
    "sweep table2/trades --set objective.beta=1,2,3,6 --dry-run",
    "sweep 'table2/*' --seeds 1,2,3 --slurm --slurm-options '--gres=gpu:1'",
  ],
  run: carryOut,
};

async function carryOut(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  checkWays(invocation);
  const out = (invocation.value("out") ?? OUT).replace(/(?<=.)\/+$/, "");
  const all = asUsage(() => plannedRuns(invocation, out));
  const runs = shardRuns(all, shardOf(invocation.value("shard")));
  const request = { invocation, terminal, out, runs };
  if (invocation.flag("dry-run")) return await printPlan(runs, terminal);
  if (invocation.flag("table")) return await makeTable(request);
  if (invocation.flag("slurm")) return await submitRuns(request);
  return await trainRuns(request);
}

/** What a sweep was asked for. */
interface SweepRequest {
  readonly invocation: Invocation;
  readonly terminal: Terminal;
  readonly out: string;
  readonly runs: readonly PlannedRun[];
}

/** Trains the runs on this machine. */
async function trainRuns(request: SweepRequest): Promise<number> {
  const { invocation, terminal, runs } = request;
  const isComplete = completeness(invocation, runs);
  const jobs = invocation.whole("jobs", { least: 1 }) ?? 1;
  const processes = new Set<TrainProcess>();
  const interruptAll = (): void =>
    processes.forEach((process) => process.interrupt());
  using interruption = new Interruption({
    onFirst: interruptAll,
    onSecond: interruptAll,
  });
  terminal.onFailure = () => interruption.stop();
  if (jobs > 1) terminal.warn(sharingNote(jobs));
  const outcome = await sweep(runs, {
    train: async (run, { resume, number }) => {
      const prefix = jobs > 1 ? `[${number}] ` : undefined;
      const words = wordsFor(run, { resume, invocation });
      const process = startTraining(words, { prefix });
      processes.add(process);
      try {
        return await process.end;
      } finally {
        processes.delete(process);
      }
    },
    isComplete,
    jobs,
    signal: interruption.signal,
    onRun: announce(terminal),
    onWait: (holder) =>
      terminal.print(`waiting for ${holder}, which trains there already`),
  });
  return await concluded(outcome, request);
}

/** Says what came of the runs. Returns the exit code. */
async function concluded(
  outcome: SweepOutcome,
  request: SweepRequest,
): Promise<number> {
  const { invocation, terminal } = request;
  const { interrupted, untried } = outcome;
  const errors = outcome.rows.flatMap(({ errors }) => errors);
  if (invocation.value("shard") === undefined) {
    await writeTables(outcome, request);
  } else {
    for (const error of errors) terminal.warn(`Failed: ${error}`);
    terminal.print("\nThe table of all shards is made by --table");
  }
  if (untried > 0) {
    terminal.warn(
      `Runs not tried, as they would fail in the same way: ${untried}`,
    );
  }
  if (interrupted) {
    terminal.warn("Stopped; the same command goes on from here");
    return EXIT.interrupted;
  }
  return errors.length > 0 ? EXIT.failed : EXIT.done;
}

/** Makes the table of what is there. */
async function makeTable(request: SweepRequest): Promise<number> {
  const outcome = await sweep(request.runs, {
    train: () => Promise.reject(new TypeError("Cannot train for a table")),
    signal: AbortSignal.abort(),
  });
  await writeTables(outcome, request);
  const complete = outcome.rows.every(({ cards, runs }) =>
    cards.length === runs
  );
  if (!complete) request.terminal.warn("Some runs are not finished");
  return EXIT.done;
}

/** Submits the runs to Slurm. */
async function submitRuns(request: SweepRequest): Promise<number> {
  const { invocation, terminal, out, runs } = request;
  const wait = invocation.flag("wait");
  const own = new Set(WAYS.map(({ name }) => name));
  const words = invocation.words(
    SWEEP.options.filter(({ name }) => !own.has(name)),
  );
  const options = invocation.value("slurm-options");
  const job = { out, runs: runs.length, words, options };
  const { script, succeeded } = await submit(job, { wait });
  if (wait) {
    await makeTable(request);
  } else if (succeeded) {
    terminal.print(
      `${script} has a task for each of ${runs.length} runs. Their table:\n  ` +
        commandLine("sweep", [...words, "--table"]),
    );
  }
  return succeeded ? EXIT.done : EXIT.failed;
}

/** Whether a run has what is to be measured at its end, understood before any runs. */
function completeness(
  invocation: Invocation,
  runs: readonly PlannedRun[],
): NonNullable<SweepOptions<PlannedRun>["isComplete"]> {
  const measures = new Map(runs.map((run) => [
    run,
    askedMeasures(invocation, run.experiment.evaluation),
  ]));
  return (run, card) => hasMeasures(card, measures.get(run)!);
}

/** What to know of several runs at a time. */
function sharingNote(jobs: number): string {
  return `Note: ${jobs} runs at a time share the adapter that each of them finds ` +
    "first; docs/cluster.md says how each gets a GPU of its own";
}

/** The arguments of `train` for a run. */
function wordsFor(
  { experiment, path, settings }: PlannedRun,
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
    ...settings.map((setting) => `--set=${setting}`),
  ];
}

/** Prints a line before each run. */
function announce(
  terminal: Terminal,
): NonNullable<SweepOptions<PlannedRun>["onRun"]> {
  return (run, { number, of, state }) => {
    const note = {
      new: "",
      begun: ", to go on",
      finished: ", finished",
      held: ", held by another process",
    }[state];
    const what = `${run.label}, seed ${run.experiment.seed} in ${run.path}`;
    terminal.print(`\n[${number} of ${of}] ${what}${note}`);
  };
}

async function writeTables(
  { rows }: SweepOutcome,
  { out, terminal }: SweepRequest,
): Promise<void> {
  await makeFolder(out);
  const write = (name: string, text: string): Promise<void> =>
    writeAtomically(`${out}/${name}`, text);
  await write("table.md", sweepMarkdown(rows));
  await write("table.csv", sweepCsv(rows));
  terminal.print(`\n${sweepMarkdown(rows)}`);
  terminal.print(`The table is in ${out}/table.md and ${out}/table.csv`);
}
