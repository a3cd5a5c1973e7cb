// A value that a field takes, for a message that shows how to write one. What is there
// already and fits is kept; the rest are values to be changed.

import { fieldsOf, mismatch } from "./check_fields.ts";
import { type Field, inRange } from "./fields.ts";

/** The value as far as it fits the field, completed; undefined for what may be absent. */
export function exampleValue(field: Field, value: unknown): unknown {
  const fields = fieldsOf(field, value);
  if (fields !== null && field.kind !== "list" && field.kind !== "record") {
    const object = typeof value === "object" && value !== null ? value : {};
    const entries = Object.entries(fields).map((
      [name, one],
    ) => [name, exampleValue(one, (object as Record<string, unknown>)[name])]);
    return Object.fromEntries(entries);
  }
  return mismatch(value, field) === null ? value : newValue(field);
}

function newValue(field: Field): unknown {
  switch (field.kind) {
    case "number": {
      const { least, most } = field;
      const some = field.whole ? [1, least, most] : [0.1, 1, least, most];
      return some.find((one) => one !== undefined && inRange(one, field));
    }
    case "fraction":
      return "8/255";
    case "boolean":
      return false;
    case "text":
      return "…";
    case "choice":
      return field.values[0];
    case "list":
      return Array.from(
        { length: field.least },
        () => exampleValue(field.of, undefined),
      );
    case "nullable":
      return null;
    case "optional":
      return undefined;
    case "record":
    case "object":
    case "union":
      return {};
  }
}
