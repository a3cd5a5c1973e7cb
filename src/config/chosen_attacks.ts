// What a user asks to attack with: a list of names, and changes to what they stand
// for, such as `steps=50` for every attack that has steps, or `pgd-20.stepSize=0.003`
// for one of them.

import { UsageError } from "../base/errors.ts";
import {
  type EnsembleConfig,
  namedEnsemble,
  type NamedEnsembles,
} from "./ensemble_config.ts";
import {
  type AttackConfig,
  type EvaluationConfig,
  fractionValue,
} from "./experiment.ts";
import { ATTACK_SCHEMA, ENSEMBLE_SCHEMA } from "./experiment_schema.ts";
import {
  type NamedAttacks,
  namedAttacks,
  ownAttacks,
} from "./named_attacks.ts";
import { describe, fieldsOf, mismatch, type Schema } from "../base/schema.ts";

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
 * @throws {UsageError} for a name that stands for none, a key that none of them has,
 * or a value of another kind.
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
    Object.hasOwn(fieldsOf(schemaOf(config), config)!, key) &&
    key !== "method"
  );
  if (at < 1 || takers.length === 0) {
    throw new UsageError(
      `Cannot set ${setting}: expected a field of an attack and a value, such ` +
        `as steps=50 (${knownKeys(all).join(", ")}), but found ${
          path || setting
        }`,
    );
  }
  for (const [name, config] of takers) {
    const schema = schemaOf(config!);
    const value = parse(text, fieldsOf(schema, config)![key]!, setting);
    const changed = { ...config, [key]: value } as AnyConfig;
    all[name] = changed.method === "autoattack"
      ? { ...changed, version: versionOf(changed, key) }
      : changed;
  }
}

/** Other numbers or attacks make a version something else; another ball does not. */
function versionOf(
  { version }: EnsembleConfig,
  key: string,
): EnsembleConfig["version"] {
  return key === "norm" || key === "epsilon" ? version : "custom";
}

function schemaOf({ method }: AnyConfig): Schema {
  return method === "autoattack" ? ENSEMBLE_SCHEMA : ATTACK_SCHEMA;
}

function knownKeys(all: Readonly<Record<string, AnyConfig | null>>): string[] {
  const keys = Object.values(all).flatMap((config) =>
    config ? Object.keys(fieldsOf(schemaOf(config), config)!) : []
  );
  return [...new Set(keys)].filter((key) => key !== "method");
}

function parse(text: string, schema: Schema, setting: string): unknown {
  for (const candidate of [asJson(text), text]) {
    if (mismatch(candidate, schema) !== null) continue;
    // No image can move further than this.
    const large = schema.kind === "fraction" &&
      fractionValue(String(candidate)) > 255;
    if (!large) return candidate;
  }
  throw new UsageError(
    `Cannot set ${setting}: expected ${describe(schema)} but found ${
      text || "nothing"
    }`,
  );
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
