// Attacks by their names in tables, such as "pgd-50", in the setting of an experiment: its
// ball, step size and start.

import { UsageError } from "../base/errors.ts";
import { quarterOf } from "../base/fraction.ts";
import { numbersIn } from "../base/name_template.ts";
import { didYouMean } from "../base/suggest.ts";
import type { NamedSetting } from "../methods/attacks/iteration.ts";
import { type AttackConfig, ATTACKS } from "../methods/attacks.ts";
import type { AttackKind } from "../methods/kind.ts";
import { ENSEMBLE_NAMES } from "./ensemble_config.ts";
import type { EvaluationConfig } from "./experiment.ts";

/** Attacks to evaluate by name; null stands for clean images. */
export type NamedAttacks = Readonly<Record<string, AttackConfig | null>>;

/** The evaluation of an experiment: clean images, then its attacks. */
export function ownAttacks({ attacks }: EvaluationConfig): NamedAttacks {
  return { clean: null, ...attacks };
}

/**
 * The attacks of a list such as "clean,fgsm,pgd-50": those of the experiment, and
 * under the names of the field others in the same ball, with the step size and
 * start of the experiment's PGD.
 *
 * @throws {UsageError} for an unknown name.
 */
export function namedAttacks(
  list: string,
  evaluation: EvaluationConfig,
): NamedAttacks {
  const names = list.split(",").map((name) => name.trim()).filter(Boolean);
  return Object.fromEntries(
    names.map((name) => [name, namedAttack(name, evaluation)]),
  );
}

function namedAttack(
  name: string,
  evaluation: EvaluationConfig,
): AttackConfig | null {
  const own = ownAttacks(evaluation);
  if (Object.hasOwn(own, name)) return own[name]!;
  const setting = settingOf(evaluation);
  for (const [template, make] of TEMPLATES) {
    const numbers = setting && numbersIn(name, template);
    const config = numbers && make(setting, ...numbers);
    if (config) return config as AttackConfig;
  }
  const templates = new Set(TEMPLATES.map(([template]) => template));
  const known = [...Object.keys(own), ...templates, ...ENSEMBLE_NAMES];
  throw new UsageError(
    `Cannot attack by ${name}: expected one of ${known.join(", ")} with ` +
      `numbers for the words in capitals, but found ${name}${
        didYouMean(name, known)
      }`,
  );
}

/** The templates of names of all kinds. */
const TEMPLATES = Object.values<AttackKind>(ATTACKS)
  .flatMap(({ names = {} }) => Object.entries(names));

/**
 * The ball of an evaluation's first attack, and the search of its PGD; where it has none,
 * from a random start in steps of a quarter of the radius.
 */
function settingOf({ attacks }: EvaluationConfig): NamedSetting | null {
  const all = Object.values(attacks);
  const [first] = all;
  if (!first) return null;
  const { norm, epsilon } = first;
  const ball = { norm, epsilon };
  const pgd = all.find(({ method }) => method === "pgd") ??
    all.find(({ method }) => method === "pgd-restarts");
  if (pgd?.method !== "pgd" && pgd?.method !== "pgd-restarts") {
    const stepSize = quarterOf(epsilon);
    const start = { kind: "uniform", clip: true } as const;
    return { ball, search: { ...ball, stepSize, start }, stop: false };
  }
  const { stepSize, start } = pgd;
  const search = { norm: pgd.norm, epsilon: pgd.epsilon, stepSize, start };
  return { ball, search, stop: pgd.method === "pgd-restarts" && pgd.stop };
}
