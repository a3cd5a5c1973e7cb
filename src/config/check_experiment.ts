// The check of an experiment before it runs: every value is in its range, and the parts fit
// together.

import { mismatch } from "../base/check_fields.ts";
import { UserError } from "../base/errors.ts";
import type { Mismatch } from "../base/fields.ts";
import { TRAINING_ATTACKS } from "../methods/attacks.ts";
import type {
  AttackKind,
  AttackSignal,
  ObjectiveKind,
} from "../methods/kind.ts";
import { OBJECTIVES } from "../methods/objectives.ts";
import { REGULARIZERS } from "../methods/regularizers.ts";
import type { Experiment } from "./experiment.ts";
import type { TeacherFeaturesConfig } from "./added_data.ts";
import { addedMisfit } from "./added_misfit.ts";
import { hasOwnClasses } from "./pretrained.ts";
import { EXPERIMENT } from "./experiment_fields.ts";

/**
 * Checks that an experiment can run.
 *
 * @throws {UserError} for missing and unknown fields, values out of range, and parts
 * that do not fit together.
 */
export function checkExperiment(experiment: Experiment): void {
  const wrong = misfitIn(experiment);
  if (!wrong) return;
  throw new UserError(
    `Cannot run ${experiment.name}: expected ${wrong.path} to be ` +
      `${wrong.expected} but found ${wrong.found}`,
  );
}

/** The first mismatch of an experiment; null if it can run. */
export function misfitIn(experiment: Experiment): Mismatch | null {
  return mismatch(experiment, EXPERIMENT) ??
    attackMisfit(experiment) ??
    unlabeledMisfit(experiment) ??
    smoothingMisfit(experiment) ??
    teacherMisfit(experiment) ??
    classesMisfit(experiment) ??
    addedMisfit(experiment);
}

/** A mismatch of attack and what uses it: one is missing, or does not fit the other. */
function attackMisfit(
  { objective, attack, regularizers }: Experiment,
): Mismatch | null {
  const kind: ObjectiveKind = OBJECTIVES[objective.method];
  const { attack: need } = kind.needs;
  if ((attack !== null) !== (need !== false)) {
    const expected = attack ? `null for ${objective.method}` : "given";
    return { path: "attack", expected, found: String(attack?.method ?? null) };
  }
  if (!attack) {
    if (regularizers.length === 0) return null;
    const found = regularizers.map(({ method }) => method).join(", ");
    const expected = "none without an attack, whose images they look at";
    return { path: "regularizers", expected, found };
  }
  const { signal }: AttackKind = TRAINING_ATTACKS[attack.method];
  const wrong = (expected: string): Mismatch => ({
    path: "attack.method",
    expected: `${expected} for ${objective.method}`,
    found: attack.method,
  });
  if (typeof need === "string" && signal !== need) {
    return wrong(attacksWith(need).join(" or "));
  }
  if (signal === "strategy" && need !== "strategy") return wrong("another");
  const misfit = kind.fits?.(objective, attack);
  return misfit ? { ...misfit, path: `objective.${misfit.path}` } : null;
}

/** The attacks with an ability. */
function attacksWith(signal: AttackSignal): string[] {
  return Object.values<AttackKind>(TRAINING_ATTACKS)
    .filter((kind) => kind.signal === signal).map(({ method }) => method);
}

/** A mismatch in the training on images without labels. */
function unlabeledMisfit({ unlabeled, attack }: Experiment): Mismatch | null {
  if (!unlabeled) return null;
  for (const [i, { method }] of unlabeled.regularizers.entries()) {
    if (!REGULARIZERS[method].needs.labels) continue;
    const path = `unlabeled.regularizers.${i}`;
    return { path, expected: "one that needs no labels", found: method };
  }
  const suits = ({ needs, signal }: AttackKind): boolean =>
    !needs.labels && signal !== "strategy";
  const kinds: readonly AttackKind[] = Object.values(TRAINING_ATTACKS);
  const kind = kinds.find(({ method }) => method === attack?.method);
  // At an image itself the divergence of predictions has no slope.
  if (kind && suits(kind) && kind.start(attack!).random) return null;
  const names = kinds.filter(suits).map(({ method }) => method);
  return {
    path: "attack",
    expected: `one with a random start that needs no labels (${
      names.join(", ")
    })`,
    found: attack?.method ?? "null",
  };
}

/** Smoothed labels where no loss is a cross-entropy with labels. */
function smoothingMisfit(
  { objective, teacher, labelSmoothing = 0 }: Experiment,
): Mismatch | null {
  const kind: ObjectiveKind = OBJECTIVES[objective.method];
  const smoothed = (kind.smooths?.(objective) ?? true) ||
    teacher?.pretrained?.frozen === false ||
    (teacher !== null && !teacher.pretrained);
  if (labelSmoothing === 0 || smoothed) return null;
  return {
    path: "labelSmoothing",
    expected: `absent for ${objective.method}, none of whose terms is a ` +
      "cross-entropy with hard labels",
    found: String(labelSmoothing),
  };
}

/** A teacher of other classes, where something uses more of it than its features. */
function classesMisfit(experiment: Experiment): Mismatch | null {
  const { teacherFeatures } = experiment;
  const { pretrained } = experiment.teacher ?? {};
  const wrong = logitsUser(experiment);
  if (teacherFeatures && wrong) {
    const expected = `absent for ${wrong}, which uses the teacher's logits`;
    return { path: "teacherFeatures", expected, found: teacherFeatures.from };
  }
  if (!pretrained || !hasOwnClasses(pretrained)) return null;
  if (wrong) {
    return {
      path: "teacher.pretrained.classes",
      expected: `absent for ${wrong}, which compares the teacher's logits ` +
        "with the student's",
      found: String(pretrained.classes),
    };
  }
  if (pretrained.frozen) return null;
  const expected = "true for a teacher with classes of its own, since it is " +
    "trained by the labels otherwise";
  return { path: "teacher.pretrained.frozen", expected, found: "false" };
}

/** A method that uses more of the teacher than its features. */
function logitsUser(
  { objective, regularizers, unlabeled }: Pick<
    Experiment,
    "objective" | "regularizers" | "unlabeled"
  >,
): string | null {
  const terms = [...regularizers, ...unlabeled?.regularizers ?? []];
  const needs = [
    [objective.method, OBJECTIVES[objective.method].needs.teacher] as const,
    ...terms.map(({ method }) =>
      [method, REGULARIZERS[method].needs.teacher] as const
    ),
  ];
  return needs.find(([, teacher]) => teacher === true)?.[0] ?? null;
}

/** A teacher that no term uses, or a missing one that some term needs. */
function teacherMisfit(
  { objective, regularizers, unlabeled, teacher, teacherFeatures }: Experiment,
): Mismatch | null {
  const terms = [...regularizers, ...unlabeled?.regularizers ?? []];
  const guided = OBJECTIVES[objective.method].needs.teacher !== false ||
    terms.some(({ method }) => REGULARIZERS[method].needs.teacher !== false);
  if (teacherFeatures) return guided ? null : unusedFeatures(teacherFeatures);
  if ((teacher !== null) === guided) return null;
  return {
    path: "teacher",
    expected: teacher ? "null where no term looks at it" : "given",
    found: teacher?.network ?? "null",
  };
}

function unusedFeatures({ from }: TeacherFeaturesConfig): Mismatch {
  const expected = "absent where no term looks at them";
  return { path: "teacherFeatures", expected, found: from };
}
