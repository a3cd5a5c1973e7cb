// Attacks by the names that tables have for them, as one experiment means them: in
// the ball that it is evaluated in, with its step size and start.

import { ENSEMBLE_NAMES } from "./ensemble_config.ts";
import {
  type AttackConfig,
  type EvaluationConfig,
  fractionValue,
} from "./experiment.ts";
import { didYouMean } from "../base/suggest.ts";
import { UsageError } from "../base/errors.ts";

/** Attacks to evaluate by name; null stands for clean images. */
export type NamedAttacks = Readonly<Record<string, AttackConfig | null>>;

/** What an experiment is evaluated with: clean images, then its attacks. */
export function ownAttacks({ attacks }: EvaluationConfig): NamedAttacks {
  return { clean: null, ...attacks };
}

/**
 * The attacks of a list such as "clean,fgsm,pgd-50": those of the experiment, and
 * under the names of the field others in the same ball, with the step size and
 * start of the experiment's PGD.
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
  if (first) {
    const { norm, epsilon } = first;
    if (name === "fgsm") return { method: "fgsm", norm, epsilon };
    // Wong et al. step by 1.25 times the radius.
    const stepSize = String(1.25 * fractionValue(epsilon));
    if (name === "fgsm-rs") return { method: name, norm, epsilon, stepSize };
  }
  const pgd = attacks.find(({ method }) => method === "pgd");
  const iterated = pgd?.method === "pgd" ? iterativeAttack(name, pgd) : null;
  if (iterated) return iterated;
  const known = [...Object.keys(own), "fgsm", "fgsm-rs", ...ENSEMBLE_NAMES];
  throw new UsageError(
    `Cannot attack by ${name}: expected one of ${known.join(", ")}, or pgd-, ` +
      `cw- or mim- and a number of steps, or pgd- with steps and restarts ` +
      `(pgd-50-10), but found ${name}${didYouMean(name, known)}`,
  );
}

/** "pgd-50", "pgd-50-10", "cw-20" or "mim-20", in the setting of a PGD. */
function iterativeAttack(
  name: string,
  { method: _, ...pgd }: AttackConfig & { readonly method: "pgd" },
): AttackConfig | null {
  const whole = "([1-9]\\d{0,5})";
  const pattern = new RegExp(`^(pgd|cw|mim)-${whole}(?:-${whole})?$`);
  const [, kind, length, runs] = pattern.exec(name) ?? [];
  const setting = { ...pgd, steps: Number(length) };
  const restarts = Number(runs ?? 1);
  if (kind === "pgd" && !runs) return { method: "pgd", ...setting };
  // With restarts, misclassified images stay, as where this evaluation comes from
  // (Wong et al., 2020); LBGAT's C&W moves all of them.
  if (kind === "pgd") {
    return { method: "pgd-restarts", ...setting, restarts, stop: true };
  }
  if (kind === "cw") {
    return { method: "cw", ...setting, restarts, stop: false };
  }
  if (kind === "mim" && !runs) {
    return { method: "mim", ...setting, decay: 1 };
  }
  return null;
}
