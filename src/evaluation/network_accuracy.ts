// Accuracies of networks on a data set's test images under any attacks: networks of a
// run, or of a file of weights.

import type { Dataset } from "../data/dataset.ts";
import type { NamedAttacks } from "../config/named_attacks.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import { type Accuracy, Evaluator } from "./accuracy.ts";
import type { EvaluatedNetwork } from "./evaluated_network.ts";
import { ResidentSplit } from "../step/resident_split.ts";

/** The networks, the images and the attacks to evaluate. */
export interface NetworkEvaluation {
  readonly device: Device;
  readonly networks: readonly EvaluatedNetwork[];
  /** The network that attacks see; the one that is evaluated if left out. */
  readonly craftedOn?: EvaluatedNetwork | undefined;
  readonly dataset: Dataset;
  readonly attacks: NamedAttacks;
  /** Images that are attacked at once. */
  readonly batchSize: number;
  /** The source of the attacks' randomness. */
  readonly seed: number;
  /** Images from the start of the test set; all if left out. */
  readonly limit?: number | undefined;
  /** Called after every batch. */
  readonly onProgress?: (progress: NetworkProgress) => void;
}

/** The progress of an evaluation. */
export interface NetworkProgress extends Accuracy {
  readonly network: string;
  readonly attack: string;
  /** Images to classify in all. */
  readonly of: number;
}

/** Accuracies by network ("student", "teacher") and attack. */
export type EvaluationResults = Readonly<
  Record<string, Readonly<Record<string, Accuracy>>>
>;

/** Evaluates networks one after another. */
export async function evaluateNetworks(
  options: NetworkEvaluation,
): Promise<EvaluationResults> {
  const { device, networks, dataset, attacks, batchSize, seed } = options;
  const { craftedOn, limit, onProgress } = options;
  const results: Record<string, Record<string, Accuracy>> = {};
  for (const { name, network, upload } of networks) {
    using memory = new Memory(device);
    const data = new ResidentSplit("test", {
      count: dataset.test.count,
      shape: dataset.shape,
    });
    data.upload(memory, dataset.test);
    upload(memory);
    craftedOn?.upload(memory);
    using evaluator = await Evaluator.create(memory, {
      network,
      craftedOn: craftedOn?.network,
      data,
      attacks,
      batchSize,
      seed,
      limit,
    });
    results[name] = await evaluator.run((attack, done) =>
      onProgress?.({ network: name, attack, ...done })
    );
  }
  return results;
}
