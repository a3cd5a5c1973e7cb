// The JSON of the project's own files. Each names its format and version, so that a file
// of a newer program is refused with an error.
//
// JSON has no NaN and no infinities, and JavaScript writes null for them: a run
// that diverged would seem to have measured nothing. Here they are strings, and
// numbers again when read. Other numbers have the digits that give the same double.

import { readText } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";

const NOT_IN_JSON: ReadonlyMap<string, number> = new Map(
  [NaN, Infinity, -Infinity].map((value) => [String(value), value]),
);

/** A value as JSON: on one line, or indented for people to read. */
export function writeJson(
  value: unknown,
  { indent = 0 }: { readonly indent?: number } = {},
): string {
  const keep = (_key: string, part: unknown): unknown =>
    typeof part === "number" && !Number.isFinite(part) ? String(part) : part;
  return JSON.stringify(value, keep, indent);
}

/**
 * The value of a JSON text.
 *
 * @param source What to call the text in errors.
 * @throws {UserError} if the text is no JSON.
 */
export function parseJson(text: string, source: string): unknown {
  const revive = (_key: string, part: unknown): unknown =>
    typeof part === "string" ? NOT_IN_JSON.get(part) ?? part : part;
  try {
    return JSON.parse(text, revive);
  } catch (error) {
    throw new UserError(
      `Cannot read ${source}: expected JSON but found "${excerpt(text)}"`,
      { cause: error },
    );
  }
}

/**
 * The object in a JSON file.
 *
 * @throws {UserError} if there is no file, or no object in it.
 */
export async function readJson(path: string): Promise<Record<string, unknown>> {
  return asObject(parseJson(await readText(path), path), path);
}

/**
 * The value as an object.
 *
 * @throws {UserError} if it is anything else.
 */
export function asObject(
  value: unknown,
  source: string,
): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new UserError(
    `Cannot read ${source}: expected a JSON object but found "${
      excerpt(JSON.stringify(value) ?? "nothing")
    }"`,
  );
}

/**
 * Refuses what has another format, such as "frpat-run-2" for "frpat-run-1".
 *
 * @throws {UserError} saying whether the file is newer than this program.
 */
export function checkFormat(
  found: unknown,
  { expected, source }: { readonly expected: string; readonly source: string },
): void {
  if (found === expected) return;
  const [stem, version] = splitFormat(expected);
  const [otherStem, otherVersion] = splitFormat(found);
  const newer = stem === otherStem && otherVersion > version;
  throw new UserError(
    `Cannot read ${source}: expected the format ${expected} but found ${
      typeof found === "string" ? `"${found}"` : "none"
    }` + (newer ? ", made by a newer version of this program" : ""),
  );
}

function splitFormat(format: unknown): readonly [stem: string, number] {
  const match = /^(.*)-(\d+)$/.exec(String(format));
  return [match?.[1] ?? "", Number(match?.[2])];
}

function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
