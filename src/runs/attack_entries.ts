// Adding to a card what an evaluation found. An entry is an attack, its threat model
// with all of its settings, and a number of images: whoever changes one of these and
// evaluates again adds an entry, and takes nothing away.
//
// The attack's name is the key of its first entry, so that programs find
// `attacks["pgd-20"]`; others have their settings in the key. A black-box attack is an
// attack of its own, whose name has its source.

import { configText } from "../config/config_text.ts";
import { type AttackSource, transferName } from "./attack_source.ts";
import type { CorruptionResult } from "./corruption_result.ts";
import {
  type AttackResult,
  type EpochResult,
  gapsOf,
  isSameEntry,
  type NetworkResult,
  type ResultCard,
} from "./result_card.ts";

/**
 * The card with further results of its networks at an epoch, by network and attack;
 * the same card where it has nothing about that epoch.
 */
export function withResults(
  card: ResultCard,
  { epoch, results }: {
    readonly epoch: number;
    readonly results: Readonly<
      Record<string, Readonly<Record<string, AttackResult>>>
    >;
  },
): ResultCard {
  const { best, last, ...rest } = atEpoch(card, {
    epoch,
    change: (result, network) => withAttacks(result, results[network]),
  });
  return { ...rest, best, last, gap: gapsOf(best.student, last.student) };
}

/**
 * A network's result with those of further attacks, given by the attacks' names. An
 * entry of the same attack, settings and number of images is measured anew; the same
 * attack on more images takes over the name as its key.
 */
export function withAttacks(
  result: NetworkResult,
  attacks: NetworkResult["attacks"] = {},
): NetworkResult {
  const entries = { ...result.attacks };
  for (const [name, found] of Object.entries(attacks)) {
    const first = entries[name];
    if (!first || isSameEntry(first, found)) {
      entries[name] = found;
    } else if (hasSameConfig(first, found) && found.count > first.count) {
      entries[longKey(name, first)] = { ...first, attack: name };
      entries[name] = found;
    } else {
      entries[longKey(name, found)] = { ...found, attack: name };
    }
  }
  return { ...result, attacks: entries };
}

/** The card with accuracies on corrupted images of its networks at an epoch. */
export function withCorruptions(
  card: ResultCard,
  { epoch, networks }: {
    readonly epoch: number;
    readonly networks: Readonly<Record<string, CorruptionResult>>;
  },
): ResultCard {
  return atEpoch(card, {
    epoch,
    change: (result, network) => {
      const corruptions = networks[network];
      return corruptions ? { ...result, corruptions } : result;
    },
  });
}

/** The card with other results of its networks at an epoch. */
function atEpoch(
  card: ResultCard,
  { epoch, change }: {
    readonly epoch: number;
    readonly change: (result: NetworkResult, network: string) => NetworkResult;
  },
): ResultCard {
  const changed = (at: EpochResult): EpochResult => {
    if (at.epoch !== epoch) return at;
    const { student, average, teacher } = at;
    return {
      ...at,
      student: change(student, "student"),
      ...average && { average: change(average, "average") },
      teacher: teacher && change(teacher, "teacher"),
    };
  };
  return { ...card, best: changed(card.best), last: changed(card.last) };
}

/** Results of attacks that saw another network, by names with their source. */
export function transferred(
  attacks: NetworkResult["attacks"],
  source: AttackSource,
): NetworkResult["attacks"] {
  return Object.fromEntries(
    Object.entries(attacks).map(([name, found]) => [
      transferName(name, source),
      { ...found, source },
    ]),
  );
}

function longKey(name: string, { config, count }: AttackResult): string {
  return `${name}, ${configText(config)}, ${count} images`;
}

function hasSameConfig(one: AttackResult, other: AttackResult): boolean {
  return isSameEntry(one, { ...other, count: one.count });
}
