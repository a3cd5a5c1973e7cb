// What is printed before a run starts: what will be trained, notes and warnings.

import type { Dataset } from "../../data/dataset.ts";
import type { Experiment } from "../../config/experiment.ts";
import { experimentNotes } from "../../config/experiment_notes.ts";
import { selectionNotes } from "../../config/selection_notes.ts";
import type { Device } from "../../gpu/device.ts";
import { estimateRun, type RunEstimate } from "../../trainer/run_estimate.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { precisionWarning, softwareWarning } from "./machine.ts";
import { runHeader } from "./run_header.ts";
import type { JoinedRanks } from "./train_ranks.ts";

/** Prints what will be trained, notes and warnings. */
export function announce(
  terminal: Terminal,
  { request: { experiment, path, ranks }, device, dataset, changes }: {
    readonly request: {
      readonly experiment: Experiment;
      readonly path: string;
      readonly ranks: JoinedRanks | null;
    };
    readonly device: Device;
    readonly dataset: Dataset;
    /** Changes of the environment since the run began. */
    readonly changes: readonly string[];
  },
): void {
  const { adapter } = device;
  const estimate = estimateOf(experiment, { device, dataset });
  const header = runHeader({
    experiment,
    adapter,
    dataset,
    estimate,
    path,
    ranks: ranks?.communicator ?? null,
  });
  terminal.print(header, { wrap: true });
  const notes = [
    ...dataset.notes,
    ...estimate.notes,
    ...experimentNotes(experiment),
    ...selectionNotes(experiment.evaluation),
    ...changes.map((change) => `Since the run began, ${change}`),
  ];
  for (const note of notes) terminal.print(`Note: ${note}`, { wrap: true });
  for (const text of warningsOf(experiment, { device, estimate })) {
    terminal.warn(text);
  }
  terminal.print();
}

/** The work of a run on a data set as it was loaded. */
function estimateOf(
  experiment: Experiment,
  { device, dataset }: { readonly device: Device; readonly dataset: Dataset },
): RunEstimate {
  return estimateRun(experiment, {
    extent: {
      shape: dataset.shape,
      classes: dataset.classNames.length,
      train: dataset.train.count,
      test: dataset.test.count,
    },
    target: device.adapter,
  });
}

/** Warnings about work that takes long on the device. */
function warningsOf(
  experiment: Experiment,
  { device, estimate }: {
    readonly device: Device;
    readonly estimate: RunEstimate;
  },
): string[] {
  const warnings = [
    precisionWarning(device, experiment),
    softwareWarning(device, {
      flops: estimate.flopsPerEpoch * experiment.epochs,
      cores: navigator.hardwareConcurrency,
    }),
  ];
  return warnings.filter((text) => text !== null);
}
