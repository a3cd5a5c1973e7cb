// The algorithms of convolutions that were measured on a device: read before a device is
// used, and measured where that is asked for. A run that goes on has those that it began
// with, so that it ends with the same bytes.

import { countedText, durationText } from "../../base/amounts.ts";
import { UserError } from "../../base/errors.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { DatasetExtent } from "../../data/dataset_kind.ts";
import type { Device } from "../../gpu/device.ts";
import type { TunedAlgorithms } from "../../gpu/target.ts";
import type { CountedConvolution } from "../../ops/conv/graph_convolutions.ts";
import type { MeasuredPass } from "../../ops/conv/measure_pass.ts";
import { choiceKey } from "../../ops/conv/problem.ts";
import {
  tuneConvolutions,
  tunedBy,
  type TuningProgress,
  unusableAlgorithms,
} from "../../ops/conv/tune.ts";
import {
  keepAlgorithms,
  type KnownAlgorithms,
  knownAlgorithms,
} from "../../runs/tuned_file.ts";
import { experimentConvolutions } from "../../trainer/experiment_convolutions.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import { Interruption } from "../terminal/interruption.ts";
import type { ProgressLine } from "../terminal/progress_line.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT } from "../../base/errors.ts";
import { openDevice } from "./machine.ts";

/** Seconds after which `tune` begins no further shape, and `train --tune` neither. */
export const TUNING_SECONDS = 600;

/** Opens the device to use what was measured on it before, and says so. */
export async function openTunedDevice(terminal: Terminal): Promise<Device> {
  const device = await openDevice();
  const { tuned, notes } = await knownOrNone(device);
  device.tune(tuned);
  const all = [...notes, ...usedNotes(Object.keys(tuned).length)];
  for (const note of all) terminal.print(`Note: ${note}`, { wrap: true });
  return device;
}

/** What was measured; nothing where there is no cache folder, or none that may be read. */
async function knownOrNone(
  { adapter }: Device,
): Promise<Pick<KnownAlgorithms, "tuned" | "notes">> {
  try {
    return await knownAlgorithms(adapter);
  } catch (error) {
    const isRefused = error instanceof UserError ||
      error instanceof Deno.errors.NotCapable ||
      error instanceof Deno.errors.PermissionDenied;
    if (!isRefused) throw error;
    return { tuned: {}, notes: [] };
  }
}

function usedNotes(count: number, of = ""): string[] {
  if (count === 0) return [];
  return [
    `The algorithms of ${count}${of} convolutions are those that "tune" ` +
    "measured to be the fastest on this device",
  ];
}

/** A run that is about to train, and the extent of its data. */
export interface TunedRun {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
  /** What a run began with that goes on; null for a new one. */
  readonly begun: TunedAlgorithms | null;
  /** Whether to measure before where nothing is known. */
  readonly tune: boolean;
}

/** Notes for the beginning of a run, and what changed since it was begun. */
export interface RunAlgorithms {
  readonly notes: readonly string[];
  readonly changes: readonly string[];
}

/**
 * Lets a device compute as a run has to: by the algorithms that it began with, or by those
 * that are known on this device, measured now if that is asked for. Null if that was stopped.
 */
export async function useRunAlgorithms(
  device: Device,
  { run, terminal }: { readonly run: TunedRun; readonly terminal: Terminal },
): Promise<RunAlgorithms | null> {
  const convolutions = convolutionsOf(device, run);
  if (run.begun) {
    device.tune(run.begun);
    const changes = unusableAlgorithms(convolutions, device.adapter).map((
      refused,
    ) => `this device has no ${refused}, so that results differ in rounding`);
    return { notes: usedNotes(Object.keys(run.begun).length), changes };
  }
  let { tuned, notes } = await knownOrNone(device);
  if (run.tune && missingOf(convolutions, tuned).length > 0) {
    const { isStopped, ...measured } = await measureAlgorithms(run, terminal);
    if (isStopped) return null;
    ({ tuned, notes } = { ...measured, notes: [] });
  }
  const keys = new Set(convolutions.map(choiceKey));
  const own = Object.entries(tuned).filter(([key]) => keys.has(key));
  device.tune(Object.fromEntries(own));
  const used = usedNotes(own.length, ` of ${keys.size}`);
  return { notes: [...notes, ...used], changes: [] };
}

function convolutionsOf(
  { adapter }: Device,
  { experiment, extent }: Pick<TunedRun, "experiment" | "extent">,
): CountedConvolution[] {
  const target = { ...adapter, tuned: {} };
  const { step } = estimateRun(experiment, { extent, target });
  return experimentConvolutions(experiment, { step, extent, target });
}

function missingOf(
  convolutions: readonly CountedConvolution[],
  tuned: TunedAlgorithms,
): string[] {
  return convolutions.map(choiceKey).filter((key) => tuned[key] === undefined);
}

/** What is measured, and for how long. */
export interface TuningRequest {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
  /** Seconds after which no further shape is begun. */
  readonly seconds?: number;
  /** Whether to measure again what is known. */
  readonly again?: boolean;
}

/** What is known by then, and what was measured for it. */
export interface TuningOutcome {
  readonly path: string;
  readonly tuned: TunedAlgorithms;
  readonly measured: readonly MeasuredPass[];
  /** Shapes that there was no time for. */
  readonly left: readonly string[];
  /** Whether a signal ended it. */
  readonly isStopped: boolean;
}

/**
 * Measures the algorithms of an experiment's convolutions on a device of its own, shows
 * how far that is, and keeps every result in the cache folder at once.
 */
export async function measureAlgorithms(
  request: TuningRequest,
  terminal: Terminal,
): Promise<TuningOutcome> {
  using device = await openDevice();
  const { seconds = TUNING_SECONDS, again = false } = request;
  const convolutions = convolutionsOf(device, request);
  const known = await knownAlgorithms(device.adapter);
  let { tuned } = known;
  const keys = new Set(missingOf(convolutions, again ? {} : tuned));
  if (keys.size) {
    terminal.print(
      `Measuring the algorithms of ${
        countedText(keys.size, "convolution")
      } on ` +
        `${device.adapter.description}, for ${durationText(seconds)} at most`,
      { wrap: true },
    );
  }
  let keeping = Promise.resolve();
  using interruption = stoppable(terminal);
  const { measured, left } = await tuneConvolutions(device, {
    convolutions,
    seconds,
    known: again ? {} : tuned,
    signal: interruption.signal,
    onProgress: (progress) => terminal.live(tuningLine(progress)),
    onMeasured: (pass) => {
      tuned = { ...tuned, ...tunedBy([pass]) };
      keeping = keeping.then(() => keepAlgorithms({ ...known, tuned }));
    },
  });
  await keeping;
  terminal.clear();
  const { path } = known;
  const isStopped = interruption.signal.aborted;
  return { path, tuned, measured, left, isStopped };
}

/** Ctrl-C ends the measurements, and those that were made stay. */
function stoppable(terminal: Terminal): Interruption {
  return new Interruption({
    onFirst: () =>
      terminal.warn(
        "Stopping after this algorithm; what was measured by then is kept",
      ),
    onSecond: () => {
      terminal.clear();
      Deno.exit(EXIT.interrupted);
    },
  });
}

function tuningLine(
  { key, algorithm, done, of, share, left }: TuningProgress,
): ProgressLine {
  const details = [
    `${done} of ${of} shapes`,
    `at most ${durationText(left)} left`,
    key,
    algorithm,
  ];
  return { what: "measuring algorithms", done: share, details };
}
