// `train`: starts a run or resumes one. Errors in the words of the command line are found
// here; `training_request.ts` does the rest.

import { loadCheckpoint } from "../../runs/checkpoint.ts";
import { renderCard } from "../../runs/card_table.ts";
import { fileInfo } from "../../base/disk.ts";
import type { Experiment } from "../../config/experiment.ts";
import { DEFAULT_RECIPE, RECIPES } from "../../recipes/mod.ts";
import { defaultRunPath, RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError, UserError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Command } from "./command.ts";
import { dryRun } from "./dry_run.ts";
import {
  CHANGES,
  changesOf,
  chosenExperiment,
  DATA,
  RECIPE,
} from "./experiment_options.ts";
import { extendRun } from "./extend_run.ts";
import type { Invocation } from "./invocation.ts";
import {
  askedMeasures,
  hasMeasures,
  MEASURES,
  measureWords,
} from "./measure_run.ts";
import { type JoinedRanks, onRanks, RANKS } from "./train_ranks.ts";
import {
  carryOut,
  measureFinished,
  type TrainingRequest,
} from "./training_request.ts";

/** Trains an experiment. */
export const TRAIN: Command = {
  name: "train",
  about: "Train a recipe, or go on with a run",
  argument: {
    ...RECIPE,
    required: false,
    about: `${RECIPE.about}; ${DEFAULT_RECIPE} if left out`,
  },
  options: [
    DATA,
    {
      name: "out",
      value: "DIR",
      about: "Folder of the run; runs/<recipe>-seed<seed> if left out",
    },
    ...CHANGES,
    ...MEASURES,
    {
      name: "tune",
      about: "First measure which kernels are the fastest on this device, " +
        "where that is not known",
    },
    { name: "resume", about: "Go on with the run in the folder" },
    {
      name: "dry-run",
      about:
        "Say what would run, its memory and time (f16 beside f32); write nothing",
    },
    {
      name: "strict",
      about: "Stop at a file of the data set that is no image or damaged",
    },
    {
      name: "keep-going",
      about: "Train on where a loss is no number any more",
    },
    {
      name: "serve",
      value: "PORT",
      isOptional: true,
      about:
        "Show the run's report in a browser of this machine, while it grows",
    },
    ...RANKS,
    {
      name: "tensorboard",
      about: "Write event files for TensorBoard to tensorboard/ in the folder",
    },
  ],
  examples: [
    "train",
    "train table1/trades-frpat --data cifar-10-batches-bin --seed 2",
    "train shapes/trades --epochs 10 --set objective.beta=3 --out runs/beta3",
    "train table2/trades-frpat --attack cw-20,autoattack --relation",
    "train table2/trades-frpat --dry-run",
    "train table2/trades-frpat --set precision=f16 --dry-run",
    "train --resume --out runs/beta3",
    "train --resume --out runs/constant --epochs 20",
  ],
  run: async (invocation, terminal) => {
    if (invocation.value("ranks") !== undefined) {
      return await onRanks(
        { invocation, terminal },
        (ranks) =>
          invocation.flag("resume")
            ? resumeRun({ invocation, terminal, ranks })
            : startRun({ invocation, terminal, ranks }),
      );
    }
    const dry = invocation.flag("dry-run");
    if (!invocation.flag("resume")) {
      return dry
        ? announceOnly(invocation, terminal)
        : startRun({ invocation, terminal, ranks: null });
    }
    if (!dry) return resumeRun({ invocation, terminal, ranks: null });
    throw new UsageError(
      "Cannot train: expected --dry-run or --resume but found both; a run " +
        "that goes on is as it was begun",
    );
  },
};

/** Prints what a run would train and cost. */
async function announceOnly(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const experiment = chosenExperiment(invocation);
  const path = invocation.value("out") ?? defaultRunPath(experiment);
  const data = invocation.value("data");
  return await dryRun({ experiment, path, data }, terminal);
}

/** What was asked, and the ranks that do it together; null without ranks. */
interface Asked {
  readonly invocation: Invocation;
  readonly terminal: Terminal;
  readonly ranks: JoinedRanks | null;
}

async function startRun(
  { invocation, terminal, ranks }: Asked,
): Promise<number> {
  const experiment = chosenExperiment(invocation);
  const path = invocation.value("out") ?? defaultRunPath(experiment);
  if (await fileInfo(`${path}/experiment.json`)) {
    throw new UserError(
      `Cannot start a run in ${path}: expected a folder without a run but ` +
        "found one; go on with it by --resume, or choose another by --out",
    );
  }
  const request = {
    experiment,
    path,
    begun: null,
    ranks,
    tune: invocation.flag("tune"),
    ...wishesOf(invocation),
    ...measuresOf(invocation, experiment),
  };
  return await carryOut(request, terminal);
}

async function resumeRun(
  { invocation, terminal, ranks }: Asked,
): Promise<number> {
  const path = invocation.value("out") ?? defaultRunPath(namedRun(invocation));
  using begun = await RunFolder.resume(path);
  checkSame(begun.experiment, invocation);
  const epochs = invocation.whole("epochs", { least: 1 });
  if (epochs !== undefined) await extendRun(begun, { epochs, terminal });
  const { experiment } = begun;
  const more = measuresOf(invocation, experiment);
  // A checkpoint that cannot be resumed is refused before images are loaded.
  const { last } = begun.files;
  if (await fileInfo(last)) await loadCheckpoint(last, { of: experiment });
  const card = await begun.readCard();
  if (card && hasMeasures(card, more.measures)) {
    const text = `The run in ${path} is finished:\n\n${renderCard(card)}`;
    terminal.print(text, { wrap: true });
    return EXIT.done;
  }
  const run = { experiment, path, begun, ranks, tune: false };
  const request = { ...run, ...wishesOf(invocation), ...more };
  return card
    ? await measureFinished(request, terminal)
    : await carryOut(request, terminal);
}

/** How to read the data, and how to show what happens. */
function wishesOf(
  invocation: Invocation,
): Pick<
  TrainingRequest,
  "data" | "strict" | "keepGoing" | "serve" | "tensorboard"
> {
  return {
    data: invocation.value("data"),
    strict: invocation.flag("strict"),
    keepGoing: invocation.flag("keep-going"),
    serve: servedPort(invocation),
    tensorboard: invocation.flag("tensorboard"),
  };
}

/** What is to be measured at the end, understood before anything runs. */
function measuresOf(
  invocation: Invocation,
  { evaluation }: Experiment,
): Pick<TrainingRequest, "measures" | "measureWords"> {
  return {
    measures: askedMeasures(invocation, evaluation),
    measureWords: measureWords(invocation),
  };
}

/** The port to serve the report at: 0 for any that is free, null for none. */
function servedPort(invocation: Invocation): number | null {
  if (invocation.value("serve") === "") return 0;
  return invocation.whole("serve", { least: 0, most: 65535 }) ?? null;
}

/** The recipe and seed that name a run's folder. */
function namedRun(invocation: Invocation): Pick<Experiment, "name" | "seed"> {
  const { argument = DEFAULT_RECIPE } = invocation;
  const known = RECIPES.find(({ name }) => name === argument);
  if (!known) {
    const names = RECIPES.map(({ name }) => name);
    throw new UsageError(
      `Cannot resume ${argument}: expected a recipe, or the folder of a run ` +
        `by --out, but found no such recipe${didYouMean(argument, names)}`,
    );
  }
  const { name, seed } = known;
  return { name, seed: invocation.whole("seed", { least: 0 }) ?? seed };
}

/** Throws if the words ask for another run than the one to resume. */
function checkSame({ name, seed }: Experiment, invocation: Invocation): void {
  if (invocation.flag("tune")) {
    throw new UsageError(
      "Cannot resume: expected no --tune, since a run goes on with the kernels " +
        "that it began with",
    );
  }
  const refuse = (expected: string, found: string): never => {
    throw new UsageError(
      `Cannot resume: expected ${expected} but found ${found}; a run goes on ` +
        "as it was begun, and a new one needs a folder of its own",
    );
  };
  const { argument } = invocation;
  if (argument !== undefined && argument !== name) {
    refuse(`the recipe ${name} of the run`, argument);
  }
  const other = invocation.whole("seed", { least: 0 });
  if (other !== undefined && other !== seed) {
    refuse(`the seed ${seed} of the run`, String(other));
  }
  const [change] = changesOf(invocation)
    .filter((one) => !/^(seed|epochs)=/.test(one));
  if (change) refuse("no change to the experiment", change);
}
