// The programs of an experiment's training: one for full batches and, where the
// images do not divide evenly, one for an epoch's last batch. Plain data, made
// without a device, so that `explain` can print and count them.

import type { Experiment } from "../config/experiment.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { Capabilities } from "../gpu/device.ts";
import type { Program } from "../gpu/program.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { materialize } from "../nn/module.ts";
import { buildTraining } from "./build.ts";
import { checkPrecision } from "./device_fit.ts";
import { type StepInputs, stepInputs, type StepParts } from "./step_inputs.ts";
import { TrainedNetwork } from "./trained_network.ts";
import { traceTrainingStep } from "./training_step.ts";

/** What the programs depend on beside what is trained. */
export interface StepSetting extends Capabilities {
  /** Images trained on, without those held out. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Images without labels; none if left out. */
  readonly unlabeled?: number;
}

/** A step for each size of batch. */
export interface StepPrograms {
  readonly batch: Program;
  /** For an epoch's last, smaller batch; null where there is none. */
  readonly rest: Program | null;
}

/** The programs of a training step, and the variables that they work on. */
export interface CompiledStep extends StepInputs, StepPrograms {
  /**
   * Programs of every `interval`-th step, which trains the objective's strategy as
   * well; null where all steps are alike.
   */
  readonly update: (StepPrograms & { readonly interval: number }) | null;
}

/** The program that asks most of a device: a full batch in a step that does most. */
export function fullestProgram(
  { batch, update }: Pick<CompiledStep, "batch" | "update">,
): Program {
  return update?.batch ?? batch;
}

/** Builds the networks of an experiment and compiles its training step. */
export function compileTraining(
  experiment: Experiment,
  { classes, ...setting }: StepSetting & { readonly classes: number },
): CompiledStep {
  const method = buildTraining(experiment, { classes });
  const { student, teacher } = method;
  return compileStep({
    hyperparameters: experiment,
    method,
    student: new TrainedNetwork(materialize(student, "student")),
    teacher: teacher && new TrainedNetwork(materialize(teacher, "teacher")),
  }, setting);
}

/** Compiles the training step of networks that are laid out already. */
export function compileStep(
  parts: StepParts,
  { count, shape, unlabeled = 0, ...target }: StepSetting,
): CompiledStep {
  const { batchSize, recompute, precision } = parts.hyperparameters;
  checkPrecision(precision, target);
  const inputs = stepInputs(parts, { count, shape, unlabeled });
  const sizes = [Math.min(batchSize, count)];
  if (count > batchSize && count % batchSize > 0) sizes.push(count % batchSize);
  const { interval = 1 } = inputs.method.objective.strategy ?? {};
  const traced = (isUpdateStep: boolean) =>
    sizes.map((batch) => {
      const graph = new Graph();
      traceTrainingStep(graph, inputs, { batch, isUpdateStep });
      return graph;
    });
  const all = {
    usual: traced(interval === 1),
    update: interval === 1 ? [] : traced(true),
  };
  inputs.controls.seal();
  const compiled = (graphs: readonly Graph[]) => {
    const [batch, rest] = graphs.map((graph, i) =>
      compile(graph, {
        name: `training step of ${sizes[i]} images`,
        recompute,
        ...target,
      })
    );
    return { batch: batch!, rest: rest ?? null };
  };
  const update = interval === 1 ? null : { interval, ...compiled(all.update) };
  return { ...inputs, ...compiled(all.usual), update };
}
