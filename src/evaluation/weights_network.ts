// A network from a file of weights, to be evaluated: its architecture, its weights, and
// the normalization of images that it was trained with.

import { UserError } from "../base/errors.ts";
import type { NetworkKind } from "../nn/network_kind.ts";
import { NETWORKS } from "../nn/networks.ts";
import { buildNetwork } from "../step/build.ts";
import type { ArchitectureConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import { writeValues } from "../step/network_values.ts";
import { countParameters, materialize } from "../nn/module.ts";
import { type Normalization, Normalized } from "../nn/normalized.ts";
import { networkName, sizedNames } from "../config/named_networks.ts";
import { OtherTensorsError } from "../weights/network_tensors.ts";
import { readWeights, type WeightsOptions } from "../weights/weights_file.ts";
import type { EvaluatedNetwork } from "./evaluated_network.ts";

/** How to read a file of weights. */
export interface WeightsSource extends WeightsOptions {
  readonly architecture: ArchitectureConfig;
  /** Number of logits. */
  readonly classes: number;
  /** The normalization that the user gives: null for none, absent if not given. */
  readonly normalization?: Normalization | null | undefined;
}

/** A network with the normalization that it sees images in. */
export interface WeightsNetwork {
  readonly network: EvaluatedNetwork;
  /** Null where images are seen as they are. */
  readonly normalization: Normalization | null;
  /** The source of the normalization. */
  readonly normalizationFrom: "file" | "user" | "nobody";
  /** Trainable values. */
  readonly parameters: number;
  /** Notes about the tensors that were taken from the file, one sentence each. */
  readonly notes: readonly string[];
  /** The SHA-256 of the file. */
  readonly sha256: string;
}

/**
 * Reads a network from a file of its weights.
 *
 * @throws {UserError} if the file is of no known kind, or damaged; listing missing,
 * unexpected and wrongly shaped tensors.
 * @throws {UserError} if the architecture needs a normalization and neither the file nor
 * the user gives one, or if theirs differ.
 */
export async function weightsNetwork(
  path: string,
  source: WeightsSource,
): Promise<WeightsNetwork> {
  const { architecture, classes } = source;
  const inner = materialize(buildNetwork(architecture, { classes }), "network");
  const weights = await readWeights(path, inner, source)
    .catch((error) => {
      throw withSizes(error, architecture);
    });
  const { values, notes, sha256, normalization: found } = weights;
  const { normalization, from } = chosenNormalization(path, { source, found });
  const outer = normalization ? new Normalized(inner.module) : null;
  const upload = (memory: Memory): void => {
    writeValues(memory, { materialized: inner, values });
    if (outer && normalization) {
      memory.write(outer.mean, Float32Array.from(normalization.mean));
      memory.write(outer.std, Float32Array.from(normalization.std));
    }
  };
  return {
    network: { name: "network", network: outer ?? inner.module, upload },
    normalization,
    normalizationFrom: from,
    parameters: countParameters(inner.module),
    notes,
    sha256,
  };
}

/** The error with the names of an architecture's other sizes, where they may be meant. */
function withSizes(error: unknown, architecture: ArchitectureConfig): unknown {
  const names = sizedNames(architecture);
  if (!(error instanceof OtherTensorsError) || !names.length) return error;
  return new UserError(
    `${error.message}\nThis is ${networkName(architecture)}; ` +
      `${names.join(", ")} names other sizes`,
    { cause: error },
  );
}

function chosenNormalization(
  path: string,
  { source: { normalization: given, architecture }, found }: {
    readonly source: WeightsSource;
    readonly found: Normalization | null;
  },
): Pick<WeightsNetwork, "normalization"> & {
  readonly from: WeightsNetwork["normalizationFrom"];
} {
  if (found && given !== undefined && !sameNormalization(found, given)) {
    throw new UserError(
      `Cannot evaluate ${path}: expected the normalization that the file has, ` +
        `${normalizationText(found)}, but found ${normalizationText(given)}`,
    );
  }
  if (found) return { normalization: found, from: "file" };
  if (given !== undefined) return { normalization: given, from: "user" };
  const { normalized }: NetworkKind = NETWORKS[architecture.network];
  if (normalized) {
    throw new UserError(
      `Cannot evaluate ${path}: expected the normalization that ` +
        `${architecture.network} was trained with, since the file has none, but ` +
        "found no --normalize, such as --normalize cifar10",
    );
  }
  return { normalization: null, from: "nobody" };
}

function sameNormalization(
  a: Normalization,
  b: Normalization | null,
): boolean {
  if (!b) return false;
  const numbers = (one: Normalization) => [...one.mean, ...one.std];
  const others = numbers(b);
  return numbers(a).every((value, i) => Math.abs(value - others[i]!) < 1e-6);
}

/** A normalization in words. */
export function normalizationText(
  normalization: Normalization | null,
): string {
  if (!normalization) return "none";
  const text = (numbers: readonly number[]) =>
    numbers.map((number) => Number(number.toPrecision(6))).join(", ");
  return `mean ${text(normalization.mean)}, deviation ${
    text(normalization.std)
  }`;
}
