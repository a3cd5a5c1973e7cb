// Attacks by the names that tables have for them, as one experiment means them: in
// the ball that it is evaluated in, with its step size and start.

import type { AttackConfig, EvaluationConfig } from "./experiment.ts";
import { didYouMean } from "./suggest.ts";
import { UsageError } from "../text/user_error.ts";

/** Attacks to evaluate by name; null stands for clean images. */
export type NamedAttacks = Readonly<Record<string, AttackConfig | null>>;

/** What an experiment is evaluated with: clean images, then its attacks. */
export function ownAttacks({ attacks }: EvaluationConfig): NamedAttacks {
  return { clean: null, ...attacks };
}

/**
 * The attacks of a list such as "clean,fgsm,pgd-50": those of the experiment, FGSM
 * with the same radius, and PGD with another number of steps.
 *
 * @throws {UsageError} for a name that stands for none.
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
  const attacks = Object.values(evaluation.attacks);
  const [first] = attacks;
  if (name === "fgsm" && first) {
    return { method: "fgsm", norm: first.norm, epsilon: first.epsilon };
  }
  const pgd = attacks.find(({ method }) => method === "pgd");
  const steps = /^pgd-([1-9]\d{0,5})$/.exec(name)?.[1];
  if (steps && pgd?.method === "pgd") return { ...pgd, steps: Number(steps) };
  const known = [...Object.keys(own), "fgsm"];
  throw new UsageError(
    `Cannot attack by ${name}: expected one of ${known.join(", ")}, or pgd- ` +
      `and a number of steps, but found ${name}${didYouMean(name, known)}`,
  );
}
