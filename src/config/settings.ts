// Changes to an experiment from the command line, such as
// `optimizer.weightDecay=5e-4`. Only what an experiment has can be set, and only
// to its kind of value: a misspelled key that trains for a day on the old value
// is worse than any error.
//
// A changed experiment is no longer that of the paper: reported results are removed, and
// the title lists the changes.

import { fieldsOf, mismatch, visitFields } from "../base/check_fields.ts";
import { exampleValue } from "../base/example_value.ts";
import { UserError } from "../base/errors.ts";
import { describe, type Field } from "../base/fields.ts";
import { jsonValue, textValue } from "../base/text_value.ts";
import { checkExperiment } from "./check_experiment.ts";
import { HARMLESS } from "./same_experiment.ts";
import { namedTeacher } from "./named_teacher.ts";
import type { Experiment } from "./experiment.ts";
import { DECISIVE, type Decisive } from "./experiment_fields.ts";
import { didYouMean } from "../base/suggest.ts";

/**
 * The experiment with settings `key.path=value` applied in their order. Values are
 * written as they stand in JSON; text needs no quotes.
 *
 * @throws {UserError} for a key that does not exist or a value of another kind,
 * and as {@linkcode checkExperiment} does for the result.
 */
export function applySettings(
  experiment: Experiment,
  settings: readonly string[],
): Experiment {
  if (settings.length === 0) return experiment;
  const { name, title, notes, reported, ...original } = experiment;
  let decisive: Decisive = original;
  const changes: string[] = [];
  for (const setting of settings) {
    const { path, text } = split(setting);
    decisive = set(decisive, path, inFull(text, { path, decisive }));
    if (!HARMLESS.includes(path.join("."))) changes.push(setting);
  }
  const wrong = mismatch(decisive, DECISIVE);
  if (wrong) {
    // Only a whole part can have other fields than it had.
    const whole = wrong.found === "nothing" || wrong.expected === "absent"
      ? "; to change a part as a whole, write it as JSON:\n  --set " +
        `'${wholePart(decisive, wrong.path)}'`
      : "";
    throw new UserError(
      `Cannot use ${settings.join(" ")}: expected ${wrong.path} to be ` +
        `${wrong.expected} but found ${wrong.found}${whole}`,
    );
  }
  const result: Experiment = {
    name,
    title: changes.length ? `${title}, with ${changes.join(" ")}` : title,
    ...notes && { notes },
    ...decisive,
    reported: changes.length ? null : reported,
  };
  checkExperiment(result);
  return result;
}

/**
 * The experiment with one setting applied and its kind of value checked, and nothing
 * else: several settings may only be valid together.
 *
 * @throws {UserError} for a key that does not exist or a value of another kind.
 */
export function applySetting(
  experiment: Experiment,
  setting: string,
): Experiment {
  const { name, title, reported, ...decisive } = experiment;
  const { path, text: short } = split(setting);
  const text = inFull(short, { path, decisive });
  return { name, title, ...set(decisive, path, text), reported };
}

/** A teacher's name as its whole configuration; any other text as it is. */
function inFull(
  text: string,
  { path, decisive }: {
    readonly path: readonly string[];
    readonly decisive: Decisive;
  },
): string {
  const isName = path.join(".") === "teacher" && /^[a-z]/i.test(text) &&
    text !== "null";
  if (!isName) return text;
  return JSON.stringify(namedTeacher(text, decisive.data));
}

/** Whether a setting's key exists and takes its value. */
export function acceptsSetting(
  experiment: Experiment,
  setting: string,
): boolean {
  try {
    applySetting(experiment, setting);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function split(
  setting: string,
): { readonly path: readonly string[]; readonly text: string } {
  const at = setting.indexOf("=");
  if (at < 1) {
    throw new UserError(
      `Cannot set ${setting}: expected a key and a value, such as ` +
        `"optimizer.weightDecay=5e-4", but found ${
          at < 0 ? "no =" : "nothing before ="
        }`,
    );
  }
  return {
    path: setting.slice(0, at).trim().split("."),
    text: setting.slice(at + 1).trim(),
  };
}

/** The setting of the part that a field is in, with every field that it has to have. */
function wholePart(experiment: Decisive, path: string): string {
  const part = path.split(".").slice(0, -1);
  let value: unknown = experiment;
  let field: Field = DECISIVE;
  for (const key of part) {
    field = fieldsOf(field, value)![key]!;
    value = (value as Record<string, unknown>)[key];
  }
  return `${part.join(".")}=${JSON.stringify(exampleValue(field, value))}`;
}

/** A copy of the experiment with one value changed. */
function set(
  experiment: Decisive,
  path: readonly string[],
  text: string,
): Decisive {
  const change = (value: unknown, field: Field, depth: number): unknown => {
    const key = path[depth];
    if (key === undefined) return parse(text, field, path.join("."));
    const fields = fieldsOf(field, value);
    if (fields === null || !Object.hasOwn(fields, key)) {
      throw new UserError(unknownKey(experiment, path, depth));
    }
    const object = value as Record<string, unknown>;
    const changed = change(object[key], fields[key]!, depth + 1);
    return Array.isArray(value)
      ? value.with(Number(key), changed)
      : { ...object, [key]: changed };
  };
  return change(experiment, DECISIVE, 0) as Decisive;
}

/** The value of a text, by the field's type. */
function parse(text: string, field: Field, path: string): unknown {
  const value = textValue(text, field);
  if (value !== undefined) return value;
  const json = jsonValue(text);
  const inside = typeof json === "object" ? mismatch(json, field) : null;
  const expected = inside?.path
    ? `its ${inside.path} to be ${inside.expected}`
    : describe(field, text);
  throw new UserError(
    `Cannot set ${path}: expected ${expected} but found ${
      inside?.found ?? (text || "nothing")
    }`,
  );
}

/** The error for an unknown key: where the path ends, and similar keys. */
function unknownKey(
  experiment: Decisive,
  path: readonly string[],
  depth: number,
): string {
  const parent = path.slice(0, depth);
  let value: unknown = experiment;
  let field: Field = DECISIVE;
  for (const key of parent) {
    field = fieldsOf(field, value)![key]!;
    value = (value as Record<string, unknown>)[key];
  }
  const fields = fieldsOf(field, value);
  const where = parent.length ? `of ${parent.join(".")}` : "of an experiment";
  const written = path.join(".");
  const found = path[depth]! || "nothing";
  const near = didYouMean(written, settablePaths(experiment));
  if (fields === null || Object.keys(fields).length === 0) {
    return `Cannot set ${written}: expected a key but found ${found}, where ` +
      `${parent.join(".")} is ${JSON.stringify(value)}${near}`;
  }
  return `Cannot set ${written}: expected one of the keys ${where} ` +
    `(${Object.keys(fields).join(", ")}) but found ${found}${near}`;
}

/** Every path that can be set in an experiment. */
export function settablePaths(experiment: Experiment | Decisive): string[] {
  const paths: string[] = [];
  visitFields(DECISIVE, experiment, (_, __, path) => {
    if (path) paths.push(path);
  });
  return paths;
}
