// Kinds of plain data, as data: for values that come from outside and TypeScript
// never saw. A schema knows which keys there are and what kind of value each has,
// under which variant; ranges, and what fits together, are for others to check.

import { fractionValue } from "./fraction.ts";

/** What a value may be. */
export type Schema =
  | { readonly kind: "number" | "boolean" | "fraction" | "text" }
  | { readonly kind: "choice"; readonly values: readonly (string | number)[] }
  | { readonly kind: "list"; readonly of: Schema }
  /** Any names, all with the same kind of value. */
  | { readonly kind: "record"; readonly of: Schema }
  | { readonly kind: "nullable"; readonly of: Schema }
  /** A field that may be left out. */
  | { readonly kind: "optional"; readonly of: Schema }
  | { readonly kind: "object"; readonly fields: FieldSchemas }
  /** An object whose fields depend on the one named by `tag`. */
  | {
    readonly kind: "union";
    readonly tag: string;
    readonly variants: Readonly<Record<string, FieldSchemas>>;
  };

/** The fields of an object by name. */
export type FieldSchemas = Readonly<Record<string, Schema>>;

/** What is wrong with a value, and where in it. */
export interface Mismatch {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** The schema of one of the given values. */
export function choice(...values: readonly (string | number)[]): Schema {
  return { kind: "choice", values };
}

/** The fields that `value` has or may have under the schema; null for a plain value. */
export function fieldsOf(schema: Schema, value: unknown): FieldSchemas | null {
  switch (schema.kind) {
    case "nullable":
      return value === null ? null : fieldsOf(schema.of, value);
    case "optional":
      return value === undefined ? null : fieldsOf(schema.of, value);
    case "object":
      return schema.fields;
    case "union": {
      const { tag, variants } = schema;
      const name = isObject(value) ? value[tag] : undefined;
      const tags = choice(...Object.keys(variants));
      const known = typeof name === "string" && Object.hasOwn(variants, name);
      return { [tag]: tags, ...known ? variants[name] : {} };
    }
    case "list":
      return Array.isArray(value)
        ? Object.fromEntries(value.map((_, i) => [i, schema.of]))
        : null;
    case "record":
      return isObject(value)
        ? Object.fromEntries(Object.keys(value).map((key) => [key, schema.of]))
        : null;
    default:
      return null;
  }
}

/** The first place where `value` is not what the schema says; null if there is none. */
export function mismatch(
  value: unknown,
  schema: Schema,
  path = "",
): Mismatch | null {
  const wrongAt = (at: string, expected: string, found: unknown): Mismatch => ({
    path: at,
    expected,
    found: found === undefined ? "nothing" : JSON.stringify(found),
  });
  const fields = fieldsOf(schema, value);
  if (fields === null || typeof value !== "object" || value === null) {
    return fits(value, schema) ? null : wrongAt(path, describe(schema), value);
  }
  const object = value as Record<string, unknown>;
  const below = (key: string): string => path ? `${path}.${key}` : key;
  for (const [key, field] of Object.entries(fields)) {
    const wrong = mismatch(object[key], field, below(key));
    if (wrong) return wrong;
  }
  const extra = Object.keys(object).find((key) => !Object.hasOwn(fields, key));
  return extra === undefined
    ? null
    : wrongAt(below(extra), "absent", object[extra]);
}

/** Whether a value without fields is one that the schema allows. */
function fits(value: unknown, schema: Schema): boolean {
  switch (schema.kind) {
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string" && value !== "";
    case "fraction":
      return typeof value === "string" && isFraction(value);
    case "choice":
      return schema.values.some((one) => one === value);
    case "nullable":
      return value === null || fits(value, schema.of);
    case "optional":
      return value === undefined || fits(value, schema.of);
    default:
      return false;
  }
}

/** What a schema allows, in words. */
export function describe(schema: Schema): string {
  switch (schema.kind) {
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "text":
      return "a text";
    case "fraction":
      return 'a number or quotient such as "8/255"';
    case "choice":
      return schema.values.length > 1
        ? `one of ${schema.values.join(", ")}`
        : String(schema.values[0]);
    case "list":
      return "a JSON array";
    case "nullable":
      return `${describe(schema.of)} or null`;
    case "optional":
      return describe(schema.of);
    case "union":
      return `a JSON object with "${schema.tag}"`;
    case "record":
    case "object":
      return "a JSON object";
  }
}

function isFraction(text: string): boolean {
  try {
    fractionValue(text);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
