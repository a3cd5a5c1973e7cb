// `train --dry-run`: prints what a run would train, and its work, memory and time. The
// time is measured by a few steps on noise on this machine's adapter.

import { fileInfo } from "../../base/disk.ts";
import type { DatasetExtent } from "../../data/dataset_kind.ts";
import { addedNotes, experimentExtent } from "../../trainer/added_data.ts";
import type { Experiment, ReportedResult } from "../../config/experiment.ts";
import { adamwNumbers } from "../../config/optimizer.ts";
import { innerMaximization } from "../../step/inner_maximization.ts";
import { experimentNotes } from "../../config/experiment_notes.ts";
import { selectionNotes } from "../../config/selection_notes.ts";
import type { AdapterDescription, Device } from "../../gpu/device.ts";
import { compilationLine } from "../terminal/compilation_line.ts";
import { showWhile } from "../terminal/show_while.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  bytesText,
  countedText,
  countText,
  durationText,
  scaledText,
} from "../../base/amounts.ts";
import { configText, fieldsText } from "../../config/config_text.ts";
import { EXIT, UserError } from "../../base/errors.ts";
import { checkFits } from "../../step/device_fit.ts";
import { evaluationFlops } from "../../trainer/evaluation_flops.ts";
import { readTeacher } from "../../trainer/pretrained_teacher.ts";
import { estimateRun, type RunEstimate } from "../../trainer/run_estimate.ts";
import { type MeasuredRate, measureRate } from "../../trainer/measured_rate.ts";
import { largestProgram } from "../../step/compiled_step.ts";
import { notesOf } from "../../recipes/readings.ts";
import { predictionText } from "./prediction.ts";
import { precisionWarning } from "./machine.ts";
import { adapterText, networkText, precisionRows } from "./run_header.ts";
import { reportedText } from "./recipes.ts";
import { openTunedDevice } from "./tuning.ts";

/** A run that is described and not started. */
export interface PlannedRun {
  readonly experiment: Experiment;
  /** The folder that it would go to. */
  readonly path: string;
  /** Where the data set's files are; downloaded if undefined. */
  readonly data: string | undefined;
}

/** The facts that are printed about a run. */
export interface DryRunFacts {
  readonly experiment: Experiment;
  readonly adapter: AdapterDescription;
  readonly extent: DatasetExtent;
  readonly estimate: RunEstimate;
  /** Floating-point operations of all evaluations. */
  readonly evaluation: number;
}

/** Prints what a run would train and cost. Returns the exit code. */
export async function dryRun(
  { experiment, path, data }: PlannedRun,
  terminal: Terminal,
): Promise<number> {
  using device = await openTunedDevice(terminal);
  const { adapter } = device;
  const extent = await experimentExtent(experiment, { folder: data });
  const teacher = await readTeacher(experiment, extent);
  terminal.live("counting the work of a training step");
  const estimate = estimateRun(experiment, { extent, target: adapter });
  const { step } = estimate;
  const setting = { step, extent, target: adapter };
  const evaluation = evaluationFlops(experiment, setting);
  terminal.clear();
  const facts = { experiment, adapter, extent, estimate, evaluation };
  terminal.print(dryRunText(facts), { wrap: true });
  terminal.print(row("on GPUs", gpuText(facts)), { wrap: true });
  const misfit = misfitOf(estimate, device);
  if (misfit !== null) terminal.warn(misfit);
  const training = estimate.flopsPerEpoch * experiment.epochs;
  const work = { experiment, extent, training, evaluation };
  await printTime(device, { work, terminal });
  const notes = [
    ...extent.notes ?? [],
    ...teacher?.notes ?? [],
    ...estimate.notes,
    ...experimentNotes(experiment),
    ...selectionNotes(experiment.evaluation),
    ...addedNotes(experiment, extent),
  ];
  for (const note of notes) terminal.print(`Note: ${note}`, { wrap: true });
  const warning = precisionWarning(device, experiment);
  if (warning !== null) terminal.warn(warning);
  terminal.print(`Nothing was written; the run would go to ${path}`);
  if (await fileInfo(`${path}/experiment.json`)) {
    terminal.print("Note: there is a run in that folder already");
  }
  return misfit === null ? EXIT.done : EXIT.failed;
}

/** The work of a run: floating-point operations of its steps and its evaluations. */
interface TimedWork {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
  readonly training: number;
  readonly evaluation: number;
}

/** Prints how long a run takes, and beside half precision what full precision takes. */
async function printTime(
  device: Device,
  { work: { experiment, extent, training, evaluation }, terminal }: {
    readonly work: TimedWork;
    readonly terminal: Terminal;
  },
): Promise<void> {
  const measure = (experiment: Experiment) =>
    showWhile(terminal, (show) => {
      device.pipelines.onCompile = (one) => show(compilationLine(one));
      const onStage = (stage: string) => show(stage);
      return measureRate(device, { experiment, extent, onStage });
    });
  const print = (name: string, text: string) =>
    terminal.print(row(name, text), { wrap: true });
  const measured = await measure(experiment);
  if (experiment.precision === "f32") {
    return print("time", timeText(training + evaluation, measured));
  }
  const full: Experiment = { ...experiment, precision: "f32" };
  const { rate } = await measure(full);
  const { bytes } = estimateRun(full, { extent, target: device.adapter });
  // Evaluations are in full precision in any case.
  const flops = training + evaluation * measured.rate / rate;
  print("time", timeText(flops, measured));
  const time = durationText((training + evaluation) / rate);
  print("in f32", `${bytesText(bytes)} and about ${time}`);
}

/** The least time on GPUs, whatever the adapter is. */
function gpuText({ experiment, adapter, extent, estimate }: DryRunFacts) {
  const target = { adapterClass: "gpu" } as const;
  const { step: { programs }, stepsPerEpoch } = adapter.adapterClass === "gpu"
    ? estimate
    : estimateRun(experiment, { extent, target });
  const steps = stepsPerEpoch * experiment.epochs;
  return predictionText({ program: programs.full, steps });
}

/** The reason why the device is too small; null if it is not. */
function misfitOf(
  { step }: RunEstimate,
  { limits, adapter: { description } }: Device,
): string | null {
  try {
    checkFits(largestProgram(step), { limits, device: description });
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** The experiment, the choices about its attack that papers leave unsaid, and its work. */
export function dryRunText(facts: DryRunFacts): string {
  const { experiment, adapter, estimate } = facts;
  const { student, teacher, objective, regularizers, reported } = experiment;
  const { weightPerturbation, unlabeled, labelSmoothing = 0 } = experiment;
  const { averaging } = experiment;
  const { parameters } = estimate;
  const rows = [
    ["adapter", `${adapter.description}, ${adapterText(adapter)}`],
    ...precisionRows(experiment, adapter),
    ["data", dataText(facts)],
    ["student", networkText(student, parameters.student)],
    ...teacher && parameters.teacher !== null
      ? [["teacher", networkText(teacher, parameters.teacher)]]
      : [],
    ["method", configText(objective)],
    ...regularizers.map((config) => ["added", configText(config)]),
    ...labelSmoothing > 0
      ? [["added", `label smoothing of ${labelSmoothing}`]]
      : [],
    ...unlabeled ? [["unlabeled", fieldsText(unlabeled)]] : [],
    ...weightPerturbation
      ? [["added", `weight perturbation, ${fieldsText(weightPerturbation)}`]]
      : [],
    ...averaging ? [["averaged", configText(averaging)]] : [],
    ...attackRows(experiment),
    ["descent", descentText(experiment)],
    ...Object.entries(experiment.evaluation.attacks)
      .map(([name, config]) => ["measure", `${name}: ${configText(config)}`]),
    ["work", workText(facts)],
    ["memory", memoryText(facts)],
    ...reported ? [["paper", reportedText(reported as ReportedResult)]] : [],
    ...notesOf(experiment).map((note) => ["reading", note]),
  ];
  const lines = rows.map(([name, text]) => row(name!, text!));
  return [`${experiment.name}: ${experiment.title}`, ...lines].join("\n");
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(11)}${text}`;
}

function dataText({ experiment, extent, estimate }: DryRunFacts): string {
  const { data, evaluation, augmentation } = experiment;
  const { padding, flip, cutout = 0 } = augmentation;
  const { height, width } = extent.shape;
  return [
    `${data.dataset}: ${countText(estimate.images)} training`,
    `${countText(evaluation.validation)} held-out`,
    `${countText(extent.test)} test images of ${height} x ${width} in ` +
    `${extent.classes} classes`,
    `cropped from a padding of ${padding}${flip ? ", mirrored" : ""}${
      cutout > 0 ? `, a square of ${cutout} erased` : ""
    }`,
  ].join(", ");
}

/** The attack, and the five choices that papers often leave unsaid. */
function attackRows(experiment: Experiment): string[][] {
  const { attack } = experiment;
  const choices = innerMaximization(experiment);
  if (!attack || !choices) return [["attack", "none"]];
  return [
    [
      "attack",
      "steps" in attack
        ? `${attack.method}, ${attack.steps} steps`
        : attack.method,
    ],
    ["surrogate", choices.surrogate],
    ["start", choices.start],
    ["mode", choices.mode],
    ["epsilon", choices.epsilon],
    ["step size", choices.stepSize],
  ];
}

function descentText({ optimizer, batchSize, seed }: Experiment): string {
  const { weightDecay, decay, learningRate } = optimizer;
  return [
    `batches of ${batchSize}`,
    `learning rate ${configText(learningRate)}`,
    optimizerText(optimizer),
    `weight decay ${weightDecay}${decay === "weights" ? " of weights" : ""}`,
    `seed ${seed}`,
  ].join(", ");
}

function optimizerText(optimizer: Experiment["optimizer"]): string {
  if (optimizer.kind === "adamw") {
    return `AdamW (${fieldsText(adamwNumbers(optimizer))})`;
  }
  const { momentum, nesterov } = optimizer;
  return `momentum ${momentum}${nesterov ? " (Nesterov)" : ""}`;
}

function memoryText({ experiment, estimate }: DryRunFacts): string {
  const half = experiment.precision === "f16"
    ? ", activations and their gradients in half precision (shader-f16)"
    : "";
  return `${bytesText(estimate.bytes)} on the device while training${half}`;
}

function workText(
  { experiment: { epochs }, estimate, evaluation }: DryRunFacts,
) {
  const { stepsPerEpoch, flopsPerEpoch } = estimate;
  return `${countedText(epochs, "epoch")} of ${
    countedText(stepsPerEpoch, "step")
  }: ` +
    `${scaledText(flopsPerEpoch)}FLOP an epoch, ` +
    `${scaledText(flopsPerEpoch * epochs)}FLOP in all, and ` +
    `${scaledText(evaluation)}FLOP of evaluations`;
}

/** The time that so many operations take, and how it was measured. */
export function timeText(flops: number, measured: MeasuredRate): string {
  const { rate, images, attackSteps, steps } = measured;
  const attack = attackSteps === null
    ? ""
    : ` and ${countedText(attackSteps, "step")} of the attack`;
  const what = steps === 1 ? "a step" : countedText(steps, "step");
  return `about ${durationText(flops / rate)} on this adapter, at the ` +
    `${scaledText(rate)}FLOP/s just measured in ${what} of ${images} images` +
    attack;
}
