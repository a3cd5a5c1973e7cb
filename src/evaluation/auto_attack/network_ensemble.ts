// An ensemble of attacks on a network of a run or of a file of weights, and its result
// for a card.

import type { Dataset } from "../../data/dataset.ts";
import {
  buildEnsemble,
  type EnsembleConfig,
} from "../../config/ensemble_config.ts";
import type { Device } from "../../gpu/device.ts";
import { Memory } from "../../gpu/memory.ts";
import {
  type EnsembleState,
  estimatedPasses,
  stages,
} from "../../runs/ensemble_state.ts";
import type { AttackResult } from "../../runs/result_card.ts";
import { ResidentBatches } from "../../step/batch_source.ts";
import { ResidentSplit } from "../../step/resident_split.ts";
import type { EvaluatedNetwork } from "../evaluated_network.ts";
import { type EnsembleEvaluation, evaluateEnsemble } from "./ensemble.ts";

/** The network, the images and the attacks. */
export interface NetworkEnsemble extends
  Pick<
    EnsembleEvaluation,
    "batchSize" | "seed" | "state" | "onState" | "onProgress" | "signal"
  > {
  readonly device: Device;
  readonly network: EvaluatedNetwork;
  /** The network that attacks see; `network` if left out. */
  readonly craftedOn?: EvaluatedNetwork | undefined;
  readonly dataset: Dataset;
  readonly config: EnsembleConfig;
  /** Images from the start of the test set; all if left out. */
  readonly limit?: number | undefined;
}

/** Runs an ensemble of attacks on a network. */
export async function evaluateNetworkEnsemble(
  { device, network, craftedOn, dataset, config, limit, ...options }:
    NetworkEnsemble,
): Promise<EnsembleState> {
  using memory = new Memory(device);
  const data = new ResidentSplit("test", {
    count: dataset.test.count,
    shape: dataset.shape,
  });
  data.upload(memory, dataset.test);
  network.upload(memory);
  craftedOn?.upload(memory);
  const { batchSize } = options;
  return await evaluateEnsemble(memory, {
    ...options,
    network: network.network,
    craftedOn: craftedOn?.network,
    source: new ResidentBatches(data, { batchSize, limit }),
    ensemble: buildEnsemble(config),
  });
}

/** The result of a finished ensemble, for a card. */
export function ensembleResult(
  { verdicts, warnings, passes, seconds }: EnsembleState,
  { config, classes }: {
    readonly config: EnsembleConfig;
    readonly classes: number;
  },
): AttackResult {
  const { attacks } = buildEnsemble(config).members(classes);
  const found = stages(verdicts, attacks.map(({ name }) => name));
  const percent = (correct: number) => 100 * correct / verdicts.length;
  const costs = attacks.map(({ name, rounds, passes }) => ({
    name,
    passes: rounds * passes(classes),
  }));
  return {
    accuracy: percent(found.at(-1)!.correct),
    count: verdicts.length,
    config,
    ensemble: {
      stages: found.map(({ name, correct }) => ({
        name,
        accuracy: percent(correct),
      })),
      warnings,
      passes,
      expectedPasses: estimatedPasses(found, costs),
      seconds,
    },
  };
}
