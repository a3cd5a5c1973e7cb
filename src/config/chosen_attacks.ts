// The attacks that a user chooses: a list of names, and changes of their fields, such as
// `steps=50` for every attack that has steps, or `pgd-20.stepSize=0.003` for one of them.

import { UsageError } from "../base/errors.ts";
import { doubts, fieldsOf, mismatch } from "../base/check_fields.ts";
import { describe, type Field, type FieldsByName } from "../base/fields.ts";
import { textValue } from "../base/text_value.ts";
import { ATTACK } from "../methods/attacks.ts";
import {
  ENSEMBLE,
  type EnsembleConfig,
  namedEnsemble,
  type NamedEnsembles,
} from "./ensemble_config.ts";
import type { AttackConfig, EvaluationConfig } from "./experiment.ts";
import {
  type NamedAttacks,
  namedAttacks,
  ownAttacks,
} from "./named_attacks.ts";

/** Attacks of one program each, and ensembles. */
export interface ChosenAttacks {
  readonly attacks: NamedAttacks;
  readonly ensembles: NamedEnsembles;
}

type AnyConfig = AttackConfig | EnsembleConfig;

/**
 * The attacks of a list such as "clean,pgd-20,autoattack", those of the experiment
 * without one, with settings applied in their order.
 *
 * @throws {UsageError} for an unknown name, a key that none of them has,
 * or a value of another kind or out of its range.
 */
export function chosenAttacks(
  list: string | undefined,
  { evaluation, settings = [] }: {
    readonly evaluation: EvaluationConfig;
    readonly settings?: readonly string[];
  },
): ChosenAttacks {
  const names = list?.split(",").map((name) => name.trim()).filter(Boolean);
  const ensembles: Record<string, EnsembleConfig> = {};
  for (const name of names ?? []) {
    const found = Object.hasOwn(evaluation.attacks, name)
      ? null
      : namedEnsemble(name, evaluation);
    if (found) ensembles[name] = found;
  }
  const others = names?.filter((name) => !Object.hasOwn(ensembles, name));
  const attacks = others
    ? namedAttacks(others.join(","), evaluation)
    : ownAttacks(evaluation);
  const all: Record<string, AnyConfig | null> = { ...attacks, ...ensembles };
  for (const [name, config] of Object.entries(all)) {
    if (config) checkAttack(config, `attack by ${name}`);
  }
  for (const setting of settings) change(all, setting);
  const entries = Object.entries(all);
  return {
    attacks: Object.fromEntries(entries.filter((entry): entry is [
      string,
      AttackConfig | null,
    ] => entry[1]?.method !== "autoattack")),
    ensembles: Object.fromEntries(entries.filter((entry): entry is [
      string,
      EnsembleConfig,
    ] => entry[1]?.method === "autoattack")),
  };
}

/** Changes a field of every attack that has it, or of the one that is named. */
function change(all: Record<string, AnyConfig | null>, setting: string): void {
  const at = setting.indexOf("=");
  const path = setting.slice(0, Math.max(at, 0)).trim();
  const text = setting.slice(at + 1).trim();
  const owner = Object.keys(all).find((name) => path.startsWith(`${name}.`));
  const key = owner ? path.slice(owner.length + 1) : path;
  const takers = Object.entries(all).filter(([name, config]) =>
    config !== null && (owner ?? name) === name &&
    Object.hasOwn(changeable(config), key)
  );
  if (at < 1 || takers.length === 0) {
    const known = Object.values(all).flatMap((config) =>
      config ? Object.keys(changeable(config)) : []
    );
    throw new UsageError(
      `Cannot set ${setting}: expected a field of an attack and a value, such ` +
        `as steps=50 (${[...new Set(known)].join(", ")}), but found ${
          path || setting
        }`,
    );
  }
  for (const [name, config] of takers) {
    all[name] = changed(config!, { key, text, setting });
  }
}

/** An attack with another value of a field. */
function changed(
  config: AnyConfig,
  { key, text, setting }: {
    readonly key: string;
    readonly text: string;
    readonly setting: string;
  },
): AnyConfig {
  const value = parse(text, changeable(config)[key]!, setting);
  const result = { ...config, [key]: value } as AnyConfig;
  checkAttack(result, `set ${setting}`);
  // A version with other numbers or attacks becomes "custom"; another ball does not matter.
  const same = key === "norm" || key === "epsilon";
  return result.method === "autoattack" && !same
    ? { ...result, version: "custom" }
    : result;
}

/** What of attacks can be meant but hardly is, a sentence each. */
export function attackNotes({ attacks }: ChosenAttacks): string[] {
  const found = Object.values(attacks).flatMap((config) =>
    config ? doubts(ATTACK, config) : []
  );
  return [...new Set(found)];
}

/** Refuses an attack with a value out of its range. */
function checkAttack(config: AnyConfig, what: string): void {
  const wrong = mismatch(config, fieldOf(config));
  if (!wrong) return;
  throw new UsageError(
    `Cannot ${what}: expected ${wrong.path} to be ${wrong.expected} but found ` +
      wrong.found,
  );
}

function fieldOf({ method }: AnyConfig): Field {
  return method === "autoattack" ? ENSEMBLE : ATTACK;
}

/** The fields of an attack without its kind. */
function changeable(config: AnyConfig): FieldsByName {
  const { method: _, ...others } = fieldsOf(fieldOf(config), config)!;
  return others;
}

function parse(text: string, field: Field, setting: string): unknown {
  const value = textValue(text, field);
  if (value !== undefined) return value;
  throw new UsageError(
    `Cannot set ${setting}: expected ${describe(field, text)} but found ${
      text || "nothing"
    }`,
  );
}
