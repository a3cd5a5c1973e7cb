// `explain`: the program of one training step of a recipe, dispatch by dispatch, and the
// work of a whole run.

import {
  bytesText,
  countedText,
  countText,
  scaledText,
} from "../../base/amounts.ts";
import { experimentExtent } from "../../trainer/added_data.ts";
import type { Experiment } from "../../config/experiment.ts";
import { costOf } from "../../graph/cost.ts";
import { printProgram } from "../../graph/print.ts";
import { estimateRun, type RunEstimate } from "../../trainer/run_estimate.ts";
import { experimentNotes } from "../../config/experiment_notes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import {
  CHANGES,
  chosenExperiment,
  DATA,
  RECIPE,
} from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { predictionTable } from "./prediction.ts";
import { networkText } from "./run_header.ts";
import { chosenTarget, TARGET } from "./target.ts";

/** Prints the program of a recipe's step. */
export const EXPLAIN: Command = {
  name: "explain",
  about: "Print the program of a recipe's training step and what it costs",
  argument: RECIPE,
  options: [...CHANGES, DATA, TARGET],
  examples: [
    "explain shapes/frpat",
    "explain table1/trades-frpat --target gpu --set batchSize=64",
  ],
  async run(invocation: Invocation, terminal: Terminal): Promise<number> {
    const experiment = chosenExperiment(invocation);
    const { name, target } = await chosenTarget(invocation);
    const folder = invocation.value("data");
    const extent = await experimentExtent(experiment, { folder });
    const estimate = estimateRun(experiment, { extent, target });
    const { full, rest } = estimate.step.programs;
    terminal.print(printProgram(full));
    if (rest) {
      const { dispatches, flops } = costOf(rest);
      terminal.print(
        `\n${rest.name}, the last of an epoch: ${countText(dispatches)} ` +
          `dispatches, ${scaledText(flops)}FLOP`,
      );
    }
    terminal.print(
      `\n${estimateText(experiment, estimate)}\ncompiled for ${name}`,
    );
    if (target.adapterClass === "gpu") {
      const steps = estimate.stepsPerEpoch * experiment.epochs;
      terminal.print(predictionTable({ program: full, steps }));
    }
    for (const note of experimentNotes(experiment)) {
      terminal.print(`Note: ${note}`);
    }
    return EXIT.done;
  },
};

/** The networks and the work of a run, a line each. */
export function estimateText(
  { student, teacher, epochs }: Experiment,
  { parameters, stepsPerEpoch, flopsPerEpoch, bytes, step }: RunEstimate,
): string {
  const { flops } = costOf(step.programs.full);
  return [
    `student: ${networkText(student, parameters.student)}`,
    ...teacher && parameters.teacher !== null
      ? [`teacher: ${networkText(teacher, parameters.teacher)}`]
      : [],
    `step: ${scaledText(flops)}FLOP`,
    `epoch: ${countedText(stepsPerEpoch, "step")}, ` +
    `${scaledText(flopsPerEpoch)}FLOP`,
    `run: ${countedText(epochs, "epoch")}, ` +
    `${scaledText(flopsPerEpoch * epochs)}FLOP, evaluations not counted`,
    `memory on the device: ${bytesText(bytes)}`,
  ].join("\n");
}
