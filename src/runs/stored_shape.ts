// The shapes of values in a run's files, so that a damaged or foreign file is refused where
// it is read. Only types are checked: numbers may be NaN, as in a run that diverged, and
// unknown fields are allowed, since formats have versions.

import { UserError } from "../base/errors.ts";

/** A wrong value: where it is, and what was expected. */
interface Problem {
  /** Such as `best.student.clean`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: unknown;
}

/** Finds what is wrong with a value; null where nothing is. */
export type Shape = (value: unknown) => Problem | null;

/** Characters of a value that an error shows. */
const SHOWN = 40;

/**
 * The value, after its check.
 *
 * @param source What to call the value in errors.
 * @throws {UserError} naming the first part that is not what it has to be.
 */
export function checkShape<T>(
  value: unknown,
  { shape, source }: { readonly shape: Shape; readonly source: string },
): T {
  const problem = shape(value);
  if (!problem) return value as T;
  const { path, expected, found } = problem;
  const text = found === undefined ? "nothing" : String(JSON.stringify(found));
  const shown = text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
  throw new UserError(
    `Cannot read ${source}: expected ${path && `${path} to be `}${expected} ` +
      `but found ${shown}`,
  );
}

/** Values for which `fits` holds. */
function plain(expected: string, fits: (value: unknown) => boolean): Shape {
  return (value) => fits(value) ? null : { path: "", expected, found: value };
}

/** Any number, NaN and infinities among them. */
export const number: Shape = plain(
  "a number",
  (value) => typeof value === "number",
);

/** A whole number of at least 0. */
export const count: Shape = plain(
  "a whole number",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);

/** True or false. */
export const boolean: Shape = plain(
  "true or false",
  (value) => typeof value === "boolean",
);

/** Any text. */
export const text: Shape = plain(
  "a text",
  (value) => typeof value === "string",
);

/** A text that a pattern fits as a whole. */
export function textLike(pattern: RegExp, expected: string): Shape {
  return plain(
    expected,
    (value) => typeof value === "string" && pattern.test(value),
  );
}

/** One of these values. */
export function oneOf(...values: readonly unknown[]): Shape {
  return plain(
    `one of ${values.join(", ")}`,
    (value) => values.includes(value),
  );
}

/** A value of the shape, or null. */
export function nullable(shape: Shape): Shape {
  return (value) => value === null ? null : shape(value);
}

/** A value of the shape, or none. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined ? null : shape(value);
}

/** A list of values of one shape. */
export function list(of: Shape): Shape {
  return (value) =>
    Array.isArray(value)
      ? firstProblem(Object.entries(value), () => of)
      : { path: "", expected: "a JSON array", found: value };
}

/** An object with any names, and values of one shape. */
export function record(of: Shape): Shape {
  return (value) =>
    isObject(value)
      ? firstProblem(Object.entries(value), () => of)
      : { path: "", expected: "a JSON object", found: value };
}

/** An object whose values are not checked. */
export const anyObject: Shape = record(() => null);

/** An object with at least the fields of `T`. */
export function object<T>(
  fields: { readonly [K in keyof T]-?: Shape },
): Shape {
  const shapes: Readonly<Record<string, Shape>> = fields;
  const names = Object.keys(shapes);
  return (value) =>
    isObject(value)
      ? firstProblem(
        names.map((name) => [name, value[name]]),
        (name) => shapes[name]!,
      )
      : { path: "", expected: "a JSON object", found: value };
}

/** An object whose fields depend on the text in its field `tag`. */
export function tagged(
  tag: string,
  shapes: Readonly<Record<string, Shape>>,
): Shape {
  const known = object<Record<string, unknown>>({
    [tag]: oneOf(...Object.keys(shapes)),
  });
  return (value) =>
    known(value) ??
      shapes[String((value as Record<string, unknown>)[tag])]!(value);
}

function firstProblem(
  entries: readonly (readonly [string, unknown])[],
  shapeOf: (name: string) => Shape,
): Problem | null {
  for (const [name, value] of entries) {
    const problem = shapeOf(name)(value);
    if (!problem) continue;
    const { path } = problem;
    return { ...problem, path: path ? `${name}.${path}` : name };
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
