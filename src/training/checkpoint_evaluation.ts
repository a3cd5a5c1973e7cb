// Accuracies of the networks in a checkpoint on a data set's test images: what a
// run ends with, for any attack and as often as wanted.

import { buildNetwork } from "../experiments/build.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Accuracy, Evaluator } from "./evaluation.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { NamedAttacks } from "../experiments/named_attacks.ts";
import { loadNetworkTensors } from "../runs/network_tensors.ts";
import { place } from "../nn/module.ts";
import { ResidentSplit } from "./resident_split.ts";

/** What to evaluate, and on what. */
export interface CheckpointEvaluation {
  readonly device: Device;
  readonly checkpoint: Checkpoint;
  /** What to call the checkpoint in errors. */
  readonly source: string;
  readonly dataset: Dataset;
  readonly attacks: NamedAttacks;
  /** Images from the start of the test set; all if left out. */
  readonly limit?: number | undefined;
  /** Called after every batch. */
  readonly onProgress?: (progress: EvaluationState) => void;
}

/** Where an evaluation is. */
export interface EvaluationState extends Accuracy {
  readonly network: string;
  readonly attack: string;
  /** Images to classify in all. */
  readonly of: number;
}

/** Accuracies by network ("student", "teacher") and attack. */
export type EvaluationResults = Readonly<
  Record<string, Readonly<Record<string, Accuracy>>>
>;

/**
 * Evaluates every network of a checkpoint.
 *
 * @throws {TypeError} if its tensors are not those of its experiment's networks.
 */
export async function evaluateCheckpoint(
  options: CheckpointEvaluation,
): Promise<EvaluationResults> {
  const { device, checkpoint, dataset } = options;
  const { experiment, tensors } = checkpoint;
  using memory = new Memory(device);
  const data = new ResidentSplit("test", {
    count: dataset.test.count,
    shape: dataset.shape,
  });
  data.upload(memory, dataset.test);
  const results: Record<string, Record<string, Accuracy>> = {};
  for (const name of ["student", "teacher"] as const) {
    const architecture = experiment[name];
    const stored = tensors[name];
    if (!architecture || !stored) continue;
    const classes = dataset.classNames.length;
    const placed = place(buildNetwork(architecture, { classes }), name);
    const { source } = options;
    const values = loadNetworkTensors(placed, stored, { source });
    memory.write(placed.parameters, values.parameters);
    if (placed.statistics) memory.write(placed.statistics, values.statistics!);
    const { limit } = options;
    using evaluator = await Evaluator.create(memory, {
      network: placed.module,
      data,
      attacks: options.attacks,
      batchSize: experiment.evaluation.batchSize,
      seed: experiment.seed,
      ...limit === undefined ? {} : { limit },
    });
    results[name] = await evaluator.run((attack, done) =>
      options.onProgress?.({ network: name, attack, ...done })
    );
  }
  return results;
}
