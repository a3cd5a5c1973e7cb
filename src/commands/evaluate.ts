// `evaluate`: what the networks of a run reach under any attack, beside what the
// run itself found.

import { countText, percentText } from "../text/amounts.ts";
import { type Checkpoint, loadCheckpoint } from "../runs/checkpoint.ts";
import {
  evaluateCheckpoint,
  type EvaluationResults,
  type EvaluationState,
} from "../training/checkpoint_evaluation.ts";
import { contentHash, type Dataset } from "../data/dataset.ts";
import { fileInfo } from "../data/disk.ts";
import { namedAttacks, ownAttacks } from "../experiments/named_attacks.ts";
import { RunFolder } from "../runs/run_folder.ts";
import { tableLines } from "../text/text_table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError, UserError, userError } from "../text/user_error.ts";
import type { Command } from "./command.ts";
import { DATA } from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice } from "./machine.ts";
import { obtainDataset } from "./obtain_dataset.ts";

/** Evaluates a run. */
export const EVALUATE: Command = {
  name: "evaluate",
  about: "Measure the natural and robust accuracy of a run",
  operand: {
    name: "RUN",
    required: true,
    about: "the folder of a run, such as runs/shapes-frpat-seed1",
  },
  options: [
    {
      name: "attack",
      value: "LIST",
      about: "Attacks, such as clean,fgsm,pgd-50; the run's own if left out",
    },
    DATA,
    { name: "limit", value: "N", about: "Only the first N test images" },
    {
      name: "checkpoint",
      value: "NAME",
      about: "best (on the held-out images, the default) or last",
    },
  ],
  examples: [
    "evaluate runs/shapes-frpat-seed1",
    "evaluate runs/shapes-frpat-seed1 --attack clean,fgsm,pgd-100 --limit 100",
  ],
  run: evaluate,
};

async function evaluate(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const limit = invocation.whole("limit", { least: 1 });
  const folder = await userError(() => RunFolder.open(invocation.operand!));
  const { evaluation, data } = folder.experiment;
  const list = invocation.value("attack");
  const attacks = list === undefined
    ? ownAttacks(evaluation)
    : namedAttacks(list, evaluation);
  const { source, checkpoint } = await readCheckpoint(folder, invocation);
  using device = await openDevice();
  const dataset = await obtainDataset(data, {
    folder: invocation.value("data"),
    terminal,
  });
  await checkContents(folder, { dataset, terminal });
  const results = await userError(() =>
    evaluateCheckpoint({
      device,
      checkpoint,
      source,
      dataset,
      attacks,
      limit,
      onProgress: (state) => terminal.live(progressText(state)),
    })
  );
  terminal.clear();
  terminal.print(
    `${source}: epoch ${checkpoint.epoch} of ${folder.experiment.epochs}, ` +
      `${dataset.title}\n`,
  );
  terminal.print(resultsTable(results));
  return EXIT.done;
}

function progressText(state: EvaluationState): string {
  const { network, attack, correct, count, of } = state;
  return `${network}, ${attack}: ${countText(count)} of ${countText(of)} ` +
    `images, ${percentText(correct / count)} correct so far`;
}

/** The checkpoint that was asked for. */
async function readCheckpoint(
  { files, path }: RunFolder,
  invocation: Invocation,
): Promise<{ readonly source: string; readonly checkpoint: Checkpoint }> {
  const name = invocation.value("checkpoint") ?? "best";
  if (name !== "best" && name !== "last") {
    throw new UsageError(
      `Cannot evaluate: expected --checkpoint best or last but found ${name}`,
    );
  }
  const wanted = files[name];
  // A run that was stopped early has not chosen a best epoch yet.
  const source = await fileInfo(wanted) ? wanted : files.last;
  if (!await fileInfo(source)) {
    throw new UserError(
      `Cannot evaluate ${path}: expected a checkpoint but found none yet`,
    );
  }
  return { source, checkpoint: await loadCheckpoint(source) };
}

/** Says so where the images are not those that the run was trained with. */
async function checkContents(
  { environment }: RunFolder,
  { dataset, terminal }: {
    readonly dataset: Dataset;
    readonly terminal: Terminal;
  },
): Promise<void> {
  if (await contentHash(dataset) === environment.dataset.contents) return;
  terminal.warn(
    `Warning: the images of ${dataset.title} are not those of the run, so ` +
      "test images may have been trained on",
  );
}

/** Accuracies as a table: a row for each network and attack. */
export function resultsTable(results: EvaluationResults): string {
  const rows = Object.entries(results).flatMap(([network, accuracies]) =>
    Object.entries(accuracies).map(([attack, { correct, count }]) => [
      network,
      attack,
      percentText(correct / count),
      `${countText(correct)} of ${countText(count)}`,
    ])
  );
  const head = ["network", "attack", "accuracy", "images"];
  return tableLines([head, ...rows], { left: 2 }).join("\n");
}
