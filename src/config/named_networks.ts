// Architectures by the names that people write: "WideResNet-34-10", "wrn-34-10" and
// "wide-resnet-34-10" are one network. Capitals and the kind of dash do not matter.

import type { Activation } from "../nn/activation.ts";
import { UsageError } from "../base/errors.ts";
import type { ArchitectureConfig } from "./experiment.ts";
import { didYouMean } from "../base/suggest.ts";

/** Names without numbers in them, as they are compared, and what they stand for. */
const PLAIN: ReadonlyMap<string, ArchitectureConfig> = new Map(
  ([
    { network: "resnet18" },
    { network: "resnet18-lbgat" },
    { network: "resnet50" },
    { network: "preact-resnet18" },
    { network: "preact-resnet18-no-bn" },
    { network: "preact-resnet18-v2" },
    { network: "dm-preact-resnet18", activation: "silu" },
  ] as const).map((config) => [comparable(config.network), config]),
);

/** Names to tell of, with numbers as examples. */
const EXAMPLES: readonly string[] = [
  "resnet18",
  "resnet18-lbgat",
  "resnet50",
  "preact-resnet18",
  "preact-resnet18-no-bn",
  "preact-resnet18-v2",
  "dm-preact-resnet18",
  "wide-resnet-34-10",
  "dm-wide-resnet-28-10",
  "dm-wide-resnet-28-10-relu",
  "resnet8-16",
];

/**
 * The architecture of a name such as "wide-resnet-34-10". DeepMind's networks
 * ("dm-wide-resnet-70-16", "dm-preact-resnet18") have SiLU unless "-relu" follows.
 *
 * @throws {UsageError} for a name that stands for none, naming those that do.
 */
export function namedNetwork(name: string): ArchitectureConfig {
  const text = comparable(name);
  const found = PLAIN.get(text) ?? sizedNetwork(text);
  if (found) return found;
  throw new UsageError(
    `Cannot use --network ${name}: expected a name such as ${
      EXAMPLES.join(", ")
    } but found ${name}${didYouMean(name, EXAMPLES)}`,
  );
}

/** "WideResNet-34-10" and "wide_resnet_34_10" alike as "wideresnet-34-10". */
function comparable(name: string): string {
  return name.toLowerCase().replace(/_/g, "-")
    .replace(/wide-?resnet/, "wideresnet").replace(/^(dm-)?wrn/, "$1wideresnet")
    .replace(/preact-?resnet/, "preactresnet")
    .replace(/resnet-(18|50)/, "resnet$1");
}

function sizedNetwork(text: string): ArchitectureConfig | null {
  const small = /^resnet-?8(?:-(\d+))?$/.exec(text);
  if (small) return { network: "resnet8", width: Number(small[1] ?? 16) };
  const preAct = /^dm-preactresnet18-(relu|silu|swish)$/.exec(text);
  if (preAct) {
    const activation = activationOf(preAct[1]);
    return { network: "dm-preact-resnet18", activation };
  }
  const pattern = /^(dm-)?wideresnet-(\d+)-(\d+)(?:-(relu|silu|swish))?$/;
  const wide = pattern.exec(text);
  if (!wide) return null;
  const [, deepMind, depth, width, activation] = wide;
  const sizes = { depth: Number(depth), width: Number(width) };
  if (deepMind) {
    return {
      network: "dm-wide-resnet",
      ...sizes,
      activation: activationOf(activation),
    };
  }
  return activation === undefined || activation === "relu"
    ? { network: "wide-resnet", ...sizes }
    : null;
}

function activationOf(name: string | undefined): Activation {
  return name === "relu" ? "relu" : "silu";
}
