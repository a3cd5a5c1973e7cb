// Networks to evaluate, from a run's checkpoint.

import { hasOwnClasses } from "../config/pretrained.ts";
import type { Dataset } from "../data/dataset.ts";
import { buildNetwork } from "../step/build.ts";
import { materialize } from "../nn/module.ts";
import { writeValues } from "../step/network_values.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import { loadNetworkTensors } from "../weights/network_tensors.ts";
import type { EvaluatedNetwork } from "./evaluated_network.ts";

/**
 * The student of a checkpoint, and the average of its weights and the teacher where there
 * are some. A teacher with classes of its own has no accuracy on the data set's, and is
 * left out.
 *
 * @param source What to call the checkpoint in errors.
 * @throws {UserError} if its tensors are not those of its experiment's networks.
 */
export function checkpointNetworks(
  { experiment, tensors }: Checkpoint,
  { dataset, source }: {
    readonly dataset: Dataset;
    readonly source: string;
  },
): EvaluatedNetwork[] {
  const classes = dataset.classNames.length;
  return (["student", "average", "teacher"] as const).flatMap((name) => {
    const architecture = experiment[name === "average" ? "student" : name];
    const stored = tensors[name];
    if (!architecture || !stored) return [];
    const own = name === "teacher" ? experiment.teacher?.pretrained : null;
    if (hasOwnClasses(own)) return [];
    const materialized = materialize(
      buildNetwork(architecture, { classes }),
      name,
    );
    const values = loadNetworkTensors(materialized, stored, { source });
    return {
      name,
      network: materialized.module,
      upload: (memory) => writeValues(memory, { materialized, values }),
    };
  });
}
