// Everything that a training step is traced from: numbers, functions, and the variables
// that the step reads and changes on a device.

import type { Objective } from "../methods/objective.ts";
import type { Module } from "../nn/module.ts";
import type { Controls } from "./controls.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import type { Method } from "./method.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { RunningSums } from "./running_sums.ts";
import type { TrainedNetwork } from "./trained_network.ts";

/** What a step is traced from. */
export interface StepInputs {
  readonly hyperparameters: Hyperparameters;
  /** With the objectives' modules created. */
  readonly method: Method<Objective>;
  readonly student: TrainedNetwork;
  /** The standard network, trained by cross-entropy on clean images. */
  readonly teacher: TrainedNetwork | null;
  /** Modules that the method keeps, under their names in checkpoints. */
  readonly modules: readonly TrainedNetwork<Module>[];
  /** The images to train on. */
  readonly data: ResidentSplit;
  /** Images without labels; null where the method has no use for them. */
  readonly unlabeledData: ResidentSplit | null;
  readonly controls: Controls;
  readonly sums: RunningSums;
}
