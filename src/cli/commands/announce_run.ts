// What `train` prints before the first step: what will be trained, where, and what there is
// to know before.

import type { Experiment } from "../../config/experiment.ts";
import { experimentNotes } from "../../config/experiment_notes.ts";
import { selectionNotes } from "../../config/selection_notes.ts";
import type { Device } from "../../gpu/device.ts";
import { extentIn } from "../../trainer/added_data.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { precisionWarning, softwareWarning } from "./machine.ts";
import type { ObtainedImages } from "./obtain_dataset.ts";
import { runHeader } from "./run_header.ts";
import type { JoinedRanks } from "./train_ranks.ts";

/** A run that is about to train. */
export interface AnnouncedRun {
  readonly request: {
    readonly experiment: Experiment;
    /** The folder of the run. */
    readonly path: string;
    readonly ranks: JoinedRanks | null;
  };
  readonly device: Device;
  readonly images: ObtainedImages;
  /** Changes of the environment since the run began. */
  readonly changes: readonly string[];
  /** What else there is to know. */
  readonly notes: readonly string[];
}

/** Prints what will be trained, notes and warnings. */
export function announceRun(
  terminal: Terminal,
  { request, device, images, ...told }: AnnouncedRun,
): void {
  const { experiment, path, ranks } = request;
  const { adapter } = device;
  const { dataset } = images;
  const extent = extentIn(images);
  const together = { ranks: ranks?.communicator ?? null };
  const work = { extent, target: adapter, ...together };
  const estimate = estimateRun(experiment, work);
  const facts = { experiment, adapter, dataset, estimate, path };
  const header = runHeader({ ...facts, ...together });
  terminal.print(header, { wrap: true });
  const notes = [
    ...dataset.notes,
    ...estimate.notes,
    ...experimentNotes(experiment),
    ...selectionNotes(experiment.evaluation),
    ...told.notes,
    ...told.changes.map((change) => `Since the run began, ${change}`),
  ];
  for (const note of notes) terminal.print(`Note: ${note}`, { wrap: true });
  const warnings = [
    precisionWarning(device, experiment),
    softwareWarning(device, {
      flops: estimate.flopsPerEpoch * experiment.epochs,
      cores: navigator.hardwareConcurrency,
    }),
  ];
  for (const text of warnings) if (text !== null) terminal.warn(text);
  terminal.print();
}
