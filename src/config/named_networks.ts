// Architectures by the names in use: "WideResNet-34-10", "wrn-34-10" and
// "wide-resnet-34-10" are one network. Capitals do not matter, nor dashes that do not
// stand between numbers.

import { UsageError } from "../base/errors.ts";
import { fromTemplates } from "../base/name_template.ts";
import { didYouMean } from "../base/suggest.ts";
import type { NetworkKind } from "../nn/network_kind.ts";
import { type ArchitectureConfig, NETWORKS } from "../nn/networks.ts";

/**
 * The architecture of a name such as "wide-resnet-34-10". DeepMind's networks
 * ("dm-wide-resnet-70-16", "dm-preact-resnet18") have SiLU unless "-relu" follows.
 *
 * @throws {UsageError} for an unknown name, listing the known ones.
 */
export function namedNetwork(name: string): ArchitectureConfig {
  const kinds: readonly NetworkKind[] = Object.values(NETWORKS);
  for (const { names } of kinds) {
    const spelled = Object.fromEntries(
      Object.entries(names).map(([template, make]) => [plain(template), make]),
    );
    const found = fromTemplates(plain(name.toLowerCase()), spelled);
    if (found) return found as ArchitectureConfig;
  }
  const examples = kinds.flatMap(({ examples }) => examples);
  throw new UsageError(
    `Cannot use --network ${name}: expected a name such as ${
      examples.join(", ")
    } but found ${name}${didYouMean(name, examples)}`,
  );
}

/** A name or a template without optional dashes. */
function plain(name: string): string {
  return name.replaceAll("_", "-")
    .replace(/(?<![\dA-Z])-|-(?![\dA-Z])/g, "");
}
