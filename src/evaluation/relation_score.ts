// The relationship score (FRPAT, sections 2.2 and 3.1): how often the k nearest training
// features of a test image vote for its class. The support set has the clean and the adversarial
// features of all training images; clean and adversarial test images are two sets of
// queries. Features are what the linear head sees, in eval mode and without
// augmentation; similarity is the cosine, as in the paper's eq. 5; adversarial images are
// made against the network that is scored. The paper does not say which similarity and
// which k its tables show.

import { UserError } from "../base/errors.ts";
import type { Dataset, Labels } from "../data/dataset.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { Accuracy } from "./accuracy.ts";
import { FeaturePasses, type FeatureProgress } from "./feature_passes.ts";
import { NeighborSearch } from "./neighbor_search.ts";
import { majority } from "./neighbor_vote.ts";
import type { EvaluatedNetwork } from "./evaluated_network.ts";

/** Numbers of neighbors that are scored; tables show 30. */
export const NEIGHBORS = [5, 30, 50] as const;

/** Neighbors that a search keeps. */
const KEPT = Math.max(...NEIGHBORS);

/** The network and images to score. */
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

/** Numbers of correct votes, by the number of neighbors. */
export interface RelationScore {
  readonly clean: Readonly<Record<string, Accuracy>>;
  readonly robust: Readonly<Record<string, Accuracy>>;
  /** Features in the support set: two for each training image. */
  readonly support: number;
}

/**
 * Scores a network.
 *
 * @throws {UserError} if the support set is smaller than the neighbors to keep, or
 * features are not numbers.
 */
export async function relationScore(
  options: RelationOptions,
): Promise<RelationScore> {
  const { device, dataset, network: { network, upload } } = options;
  const counts = countsOf(options);
  using memory = new Memory(device);
  upload(memory);
  const { shape } = dataset;
  const passes = new FeaturePasses(memory, { ...options, network, shape });
  const features = await passes.features(dataset.test, counts.test);
  const sizes = { count: counts.test, featureSize: network.featureSize };
  const searches = [features.clean, features.robust].map((queries) => {
    const search = new NeighborSearch({ ...sizes, kept: KEPT });
    search.start(memory, queries);
    return search;
  });
  await passes.run(dataset.train, {
    count: counts.train,
    to: ({ clean, robust, labels }) => {
      for (const search of searches) {
        search.compare(clean, labels);
        search.compare(robust, labels);
      }
    },
  });
  const { labels } = dataset.test;
  const [clean, robust] = await Promise.all(
    searches.map((search) => votes(search, { memory, labels })),
  );
  return { clean: clean!, robust: robust!, support: 2 * counts.train };
}

/** How many images of each split take part. */
function countsOf(
  { dataset, limit = Infinity, support = Infinity }: RelationOptions,
): { readonly test: number; readonly train: number } {
  const test = Math.min(limit, dataset.test.count);
  const train = Math.min(support, dataset.train.count);
  if (2 * train >= KEPT) return { test, train };
  throw new UserError(
    `Cannot score relations: expected at least ${KEPT} features of training ` +
      `images but found ${2 * train}`,
  );
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
