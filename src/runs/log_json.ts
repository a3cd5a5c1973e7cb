// A line of a log as JSON. JSON has no NaN and no infinities: such a number is null, and
// `nonFinite` has its name at the same place, as in
// {"means":{"loss":null},"nonFinite":{"means":{"loss":"NaN"}}}. Names of measurements have
// no spaces, so that they can name columns and tags.
//
// Old logs have such numbers as strings, and names such as "clean correct". They are read
// as lines of today.

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

/** A name without spaces: "clean correct" becomes "cleanAccuracy". */
function nameInLog(name: string): string {
  return name.replace(/ correct$/, " accuracy")
    .replaceAll(/\s+(\S)/g, (_, letter: string) => letter.toUpperCase());
}

/** The line with its means renamed by {@linkcode nameInLog}. */
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

/** The names of the numbers that are not finite; undefined if all are. */
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

/** The parts with the numbers that were not finite. */
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
