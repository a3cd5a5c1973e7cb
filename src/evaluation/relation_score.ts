// The relationship score (FRPAT, section 4): do the features of test images lie among
// training features of their own class? A vote of the k nearest neighbors says so,
// with the clean and the adversarial features of all training images as the support
// set, and clean and adversarial test images as two sets of queries. Features are
// what the linear head sees, in eval mode and without augmentation; similarity is
// the cosine, as in the paper's eq. 5; adversarial images are made against the network
// that is scored. Which similarity and which k the tables show, the paper leaves open.

import type { Dataset, Labels } from "../data/dataset.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { Accuracy } from "./accuracy.ts";
import { FeaturePasses, type FeatureProgress } from "./feature_passes.ts";
import { NeighborSearch } from "./neighbor_search.ts";
import { majority } from "./neighbor_vote.ts";
import type { EvaluatedNetwork } from "./network_evaluation.ts";

/** Numbers of neighbors that are scored; tables show 30. */
export const NEIGHBORS = [5, 30, 50] as const;

/** What to score. */
export interface RelationOptions {
  readonly device: Device;
  readonly network: EvaluatedNetwork;
  readonly dataset: Dataset;
  /** How adversarial images are found. */
  readonly attack: AttackConfig;
  readonly batchSize: number;
  /** The source of the attack's randomness. */
  readonly seed: number;
  /** Test images from the start that are queries; all if left out. */
  readonly limit?: number | undefined;
  /** Training images from the start that are support; all if left out. */
  readonly support?: number | undefined;
  /** Called after every batch. */
  readonly onProgress?: (progress: FeatureProgress) => void;
}

/** How many queries the vote is right about, by the number of neighbors. */
export interface RelationScore {
  readonly clean: Readonly<Record<string, Accuracy>>;
  readonly robust: Readonly<Record<string, Accuracy>>;
  /** Features in the support set: two for each training image. */
  readonly support: number;
}

/**
 * Scores a network.
 *
 * @throws {RangeError} if the support set is smaller than the neighbors to keep, or
 * features are not numbers.
 */
export async function relationScore(
  options: RelationOptions,
): Promise<RelationScore> {
  const { device, dataset, network: { network, upload } } = options;
  const counts = {
    test: Math.min(options.limit ?? Infinity, dataset.test.count),
    train: Math.min(options.support ?? Infinity, dataset.train.count),
  };
  const kept = Math.max(...NEIGHBORS);
  if (2 * counts.train < kept) {
    throw new RangeError(
      `Cannot score relations: expected at least ${kept} features of training ` +
        `images but found ${2 * counts.train}`,
    );
  }
  using memory = new Memory(device);
  upload(memory);
  const { shape } = dataset;
  const passes = new FeaturePasses(memory, { ...options, network, shape });
  const features = await passes.features(dataset.test, counts.test);
  const { featureSize } = network;
  const searches = [features.clean, features.robust].map((queries) => {
    const search = new NeighborSearch({
      ...{ count: counts.test, featureSize, kept },
    });
    search.start(memory, queries);
    return search;
  });
  await passes.show(dataset.train, {
    count: counts.train,
    to: ({ clean, robust, labels }) => {
      for (const search of searches) {
        search.compare(clean, labels);
        search.compare(robust, labels);
      }
    },
  });
  const [clean, robust] = await Promise.all(
    searches.map((search) =>
      votes(search, { memory, labels: dataset.test.labels })
    ),
  );
  return { clean: clean!, robust: robust!, support: 2 * counts.train };
}

async function votes(
  search: NeighborSearch,
  { memory, labels }: { readonly memory: Memory; readonly labels: Labels },
): Promise<Record<string, Accuracy>> {
  const neighbors = await search.results(memory);
  return Object.fromEntries(NEIGHBORS.map((k) => {
    const right = neighbors.filter((one, i) => majority(one, k) === labels[i]);
    return [k, { correct: right.length, count: neighbors.length }];
  }));
}
