// The state of a method on its way through a training: its modules laid out, each
// with an optimizer's velocity, and under its name in checkpoints.

import type { Module } from "../nn/module.ts";
import { materialize } from "../nn/module.ts";
import type { MethodSetting, MethodState } from "../methods/method_state.ts";
import type { Objective } from "../methods/objective.ts";
import { TrainedNetwork } from "./trained_network.ts";

/** What a method keeps. */
export interface KeptState {
  /** As the method made it. */
  readonly state: MethodState;
  /** Its modules, laid out under their names. */
  readonly modules: readonly TrainedNetwork<Module>[];
}

/** Makes and lays out the state that an objective and its regularizers keep. */
export function keptState(
  objective: Objective,
  setting: MethodSetting,
  prefix = "",
): KeptState {
  const state = objective.state?.(setting) ?? {};
  const modules = Object.entries(state).map(([name, module]) =>
    new TrainedNetwork(materialize(module, prefix + name))
  );
  return { state, modules };
}
