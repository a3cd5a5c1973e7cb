// Checks values against their fields: the one check behind `--set`, files and the options
// of the library.

import { fractionValue } from "./fraction.ts";
import {
  choice,
  describe,
  type Field,
  type FieldsByName,
  inRange,
  isNumberName,
  type Mismatch,
  optional,
  type Variant,
} from "./fields.ts";

/** The fields that `value` has or may have; null for a plain value. */
export function fieldsOf(field: Field, value: unknown): FieldsByName | null {
  switch (field.kind) {
    case "nullable":
      return value === null ? null : fieldsOf(field.of, value);
    case "optional":
      return value === undefined ? null : fieldsOf(field.of, value);
    case "object":
      return field.fields;
    case "union": {
      const { tag, variants, otherwise } = field;
      const tags = choice(Object.keys(variants));
      return {
        [tag]: otherwise ? optional(tags) : tags,
        ...variantOf(field, value)?.fields,
      };
    }
    case "list":
      return Array.isArray(value)
        ? Object.fromEntries(value.map((_, i) => [i, field.of]))
        : null;
    case "record":
      return isObject(value)
        ? Object.fromEntries(Object.keys(value).map((key) => [key, field.of]))
        : null;
    default:
      return null;
  }
}

/** The fields of the kind that a value names; null for other values. */
function variantOf(field: Field, value: unknown): Variant | null {
  switch (field.kind) {
    case "nullable":
    case "optional":
      return variantOf(field.of, value);
    case "object":
      return field;
    case "union": {
      if (!isObject(value)) return null;
      const name = value[field.tag] ?? field.otherwise;
      return typeof name === "string" && Object.hasOwn(field.variants, name)
        ? field.variants[name]!
        : null;
    }
    default:
      return null;
  }
}

/** The first mismatch of a value with its field; null if there is none. */
export function mismatch(value: unknown, field: Field): Mismatch | null {
  return mismatchAt("", { value, field });
}

/** The first mismatch of the value at a path. */
function mismatchAt(
  path: string,
  { value, field }: { readonly value: unknown; readonly field: Field },
): Mismatch | null {
  const fields = fieldsOf(field, value);
  if (fields === null || typeof value !== "object" || value === null) {
    const expected = describe(field, value);
    if (fits(value, field)) return null;
    const wrong = wrongAt(path, { expected, found: value });
    const meant = field.meant?.(value);
    return meant
      ? { ...wrong, found: `${wrong.found}; did you mean ${meant}?` }
      : wrong;
  }
  if (Array.isArray(value) && !hasLength(value, field)) {
    return wrongAt(path, { expected: describe(field), found: value });
  }
  const object = value as Record<string, unknown>;
  const below = (key: string): string => path ? `${path}.${key}` : key;
  for (const [key, one] of Object.entries(fields)) {
    const inner = { value: object[key], field: one };
    const wrong = mismatchAt(below(key), inner);
    if (wrong) return wrong;
  }
  const extra = Object.keys(object).find((key) => !Object.hasOwn(fields, key));
  if (extra !== undefined) {
    return wrongAt(below(extra), { expected: "absent", found: object[extra] });
  }
  const wrong = variantOf(field, value)?.check?.(value as never);
  return wrong ? { ...wrong, path: below(wrong.path) } : null;
}

/** The parts of a kind that the check uses. */
type NamedKind = Pick<Variant, "fields"> & {
  readonly method?: string;
  readonly network?: string;
};

/**
 * The options of a function of the library, after checking those that have a field.
 * Options that are left out, or have no field, are not checked.
 *
 * @throws {RangeError} for an option out of its range.
 */
export function checked<O extends object>(
  { method, network, fields }: NamedKind,
  options: O,
): O {
  for (const [name, field] of Object.entries(fields)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    const known = asNumbers(field, value);
    const wrong = mismatchAt(name, { value, field: known });
    if (!wrong) continue;
    throw new RangeError(
      `Cannot use ${method ?? network}: expected ${wrong.path} to be ` +
        `${wrong.expected} but found ${wrong.found}`,
    );
  }
  return options;
}

/** The field of an option: a fraction in a configuration is a number in programs. */
function asNumbers(field: Field, value: unknown): Field {
  return field.kind === "fraction" && typeof value === "number"
    ? { ...field, kind: "number", whole: false }
    : field;
}

/** What can be meant but hardly is, in a value and all in it: a sentence each. */
export function doubts(field: Field, value: unknown): string[] {
  const found: string[] = [];
  visitFields(field, value, (field, value) => {
    const doubt = variantOf(field, value)?.doubt?.(value as never);
    if (doubt) found.push(doubt);
  });
  return found;
}

/** Calls `visit` for a field and for all those in it, with their values. */
export function visitFields(
  field: Field,
  value: unknown,
  visit: (field: Field, value: unknown, path: string) => void,
): void {
  const enter = (field: Field, value: unknown, path: string): void => {
    visit(field, value, path);
    for (const [key, one] of Object.entries(fieldsOf(field, value) ?? {})) {
      const child = (value as Record<string, unknown>)[key];
      enter(one, child, path ? `${path}.${key}` : key);
    }
  };
  enter(field, value, "");
}

/** Whether a value without fields is one that the field takes. */
function fits(value: unknown, field: Field): boolean {
  switch (field.kind) {
    case "number":
      return typeof value === "number" && inRange(value, field) &&
        (!field.whole || Number.isSafeInteger(value));
    case "fraction":
      return typeof value === "string" && inRange(asFraction(value), field);
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && value !== "" &&
        !isNumberName(value);
    case "choice":
      return field.values.some((one) => one === value);
    case "nullable":
      return value === null || fits(value, field.of);
    case "optional":
      return value === undefined || fits(value, field.of);
    default:
      return false;
  }
}

function hasLength(value: readonly unknown[], field: Field): boolean {
  if (field.kind === "nullable" || field.kind === "optional") {
    return hasLength(value, field.of);
  }
  return field.kind !== "list" || value.length >= field.least;
}

/** A mismatch at a path. */
function wrongAt(
  path: string,
  { expected, found }: { readonly expected: string; readonly found: unknown },
): Mismatch {
  const isPlain = found !== undefined && typeof found !== "number";
  const text = isPlain ? JSON.stringify(found) : String(found ?? "nothing");
  return { path, expected, found: text };
}

/** The value of a fraction; NaN for other texts. */
function asFraction(text: string): number {
  try {
    return fractionValue(text);
  } catch {
    return NaN;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
