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

/** The name of an architecture, such as "resnet8-8"; its kind's where it has none. */
export function networkName(architecture: ArchitectureConfig): string {
  const kind: NetworkKind = NETWORKS[architecture.network];
  const fields: Readonly<Record<string, unknown>> = { ...architecture };
  const numbers = Object.values(fields)
    .filter((value) => typeof value === "number");
  for (const [template, make] of Object.entries(kind.names)) {
    const left = numbers.values();
    const name = template.replace(WORD, () => String(left.next().value));
    const meant = Object.entries(make(...numbers));
    if (meant.every(([field, value]) => fields[field] === value)) return name;
  }
  return architecture.network;
}

/** The names of an architecture's kind that have sizes in them: "resnet8-WIDTH". */
export function sizedNames({ network }: ArchitectureConfig): string[] {
  const { names }: NetworkKind = NETWORKS[network];
  return Object.keys(names).filter((template) => template.search(WORD) >= 0);
}

/** What stands for a number in a template. */
const WORD = /[A-Z]+/g;

/** A name or a template without optional dashes. */
function plain(name: string): string {
  return name.replaceAll("_", "-")
    .replace(/(?<![\dA-Z])-|-(?![\dA-Z])/g, "");
}
