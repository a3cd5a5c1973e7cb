// A log's line as JSON that any reader takes. JSON has no NaN and no infinities, so a
// number that is none of JSON's is null, and `nonFinite` says at the same place what
// it was: {"means":{"loss":null},"nonFinite":{"means":{"loss":"NaN"}}}. Names have no
// spaces, so that columns and tags can be called by them.
//
// Older logs kept such numbers as texts, and fractions of correct predictions as
// "clean correct". They are read as if they were written today.

import { checkLogLine, type LogLine } from "./log_line.ts";
import { asObject, parseJson } from "./stored_json.ts";

type Parts = Record<string, unknown>;

/** The line as JSON. */
export function logJson(line: LogLine): string {
  const parts = renamed(line as unknown as Parts);
  const nonFinite = nonFiniteParts(parts);
  return JSON.stringify(nonFinite ? { ...parts, nonFinite } : parts);
}

/**
 * The line that a JSON text holds.
 *
 * @param source What to call the text in errors.
 * @throws {UserError} if it holds none.
 */
export function parseLogLine(text: string, source: string): LogLine {
  const { nonFinite, ...parts } = asObject(parseJson(text, source), source);
  const whole = isParts(nonFinite) ? restored(parts, nonFinite) : parts;
  return checkLogLine(renamed(whole), source);
}

/** A name for columns and tags: "clean correct" becomes "cleanAccuracy". */
function nameInLog(name: string): string {
  return name.replace(/ correct$/, " accuracy")
    .replaceAll(/\s+(\S)/g, (_, letter: string) => letter.toUpperCase());
}

/** The line with what it measured under {@linkcode nameInLog}. */
function renamed(line: Parts): Parts {
  const { means } = line;
  if (!isParts(means)) return line;
  const entries = Object.entries(means);
  return {
    ...line,
    means: Object.fromEntries(
      entries.map(([name, value]) => [nameInLog(name), value]),
    ),
  };
}

/** The parts that JSON has no numbers for, as texts; undefined where there are none. */
function nonFiniteParts(parts: Parts): Parts | undefined {
  const found = Object.entries(parts).flatMap(([name, value]) => {
    const part = typeof value === "number" && !Number.isFinite(value)
      ? String(value)
      : isParts(value)
      ? nonFiniteParts(value)
      : undefined;
    return part === undefined ? [] : [[name, part] as const];
  });
  return found.length ? Object.fromEntries(found) : undefined;
}

/** The parts with what was not in JSON put back. */
function restored(parts: Parts, nonFinite: Parts): Parts {
  const entries = Object.entries(nonFinite).map(([name, was]) => {
    const part = parts[name];
    return [name, isParts(was) && isParts(part) ? restored(part, was) : was];
  });
  return { ...parts, ...Object.fromEntries(entries) };
}

function isParts(value: unknown): value is Parts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
