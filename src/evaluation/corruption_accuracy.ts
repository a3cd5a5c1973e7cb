// Accuracy on corrupted test images, by corruption and severity. One severity of one
// corruption is on the device at a time.

import { type CorruptedImages, SEVERITIES } from "../data/corruptions.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { CorruptionCounts } from "../runs/corruption_result.ts";
import { ResidentSplit } from "../step/resident_split.ts";
import { Evaluator } from "./accuracy.ts";
import type { EvaluatedNetwork } from "./evaluated_network.ts";

/** The network and the images. */
export interface CorruptionEvaluation {
  readonly device: Device;
  readonly network: EvaluatedNetwork;
  readonly images: CorruptedImages;
  /** Images that are classified at once. */
  readonly batchSize: number;
  /** Images from the start of each severity; all if left out. */
  readonly limit?: number | undefined;
  /** Called after each severity. */
  readonly onProgress?: (progress: CorruptionProgress) => void;
  /** Stops between two severities. */
  readonly signal?: AbortSignal;
}

/** How far an evaluation is. */
export interface CorruptionProgress {
  readonly network: string;
  readonly corruption: string;
  readonly severity: number;
  /** Severities of all corruptions that are done, and how many there are. */
  readonly done: number;
  readonly of: number;
}

/**
 * Counts what a network classifies correctly.
 *
 * @throws The signal's reason.
 */
export async function evaluateCorruptions(
  options: CorruptionEvaluation,
): Promise<CorruptionCounts> {
  const { device, network, images, batchSize, limit, signal } = options;
  const count = Math.min(limit ?? Infinity, images.count);
  const { shape, names } = images;
  using memory = new Memory(device);
  const data = new ResidentSplit("corrupted", { count, shape });
  network.upload(memory);
  using evaluator = await Evaluator.create(memory, {
    network: network.network,
    data,
    attacks: { clean: null },
    batchSize,
    seed: 0,
  });
  const correct: Record<string, number[]> = {};
  const severities = Array.from({ length: SEVERITIES }, (_, i) => i + 1);
  const of = names.length * SEVERITIES;
  let done = 0;
  for (const corruption of names) {
    const counts: number[] = correct[corruption] = [];
    for (const severity of severities) {
      signal?.throwIfAborted();
      const place = { corruption, severity, limit: count };
      data.upload(memory, await images.read(place));
      const { clean } = await evaluator.run();
      counts.push(clean!.correct);
      const at = { corruption, severity, done: ++done, of };
      options.onProgress?.({ network: network.name, ...at });
    }
  }
  return { correct, count };
}
