// The modules of a method: materialized under their names in checkpoints, each with an
// optimizer's velocity.

import type { Objective } from "../methods/objective.ts";
import { materialize, type Module } from "../nn/module.ts";
import { TrainedNetwork } from "./trained_network.ts";

/** Materializes the modules of an objective and its regularizers. */
export function trainedModules(
  { modules = {} }: Pick<Objective, "modules">,
  prefix = "",
): TrainedNetwork<Module>[] {
  return Object.entries(modules).map(([name, module]) =>
    new TrainedNetwork(materialize(module, prefix + name))
  );
}
