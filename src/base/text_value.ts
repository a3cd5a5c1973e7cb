// Values that are written as text, as in `--set steps=50`: JSON where the text is JSON,
// and otherwise the text itself, which needs no quotes.

import { mismatch } from "./check_fields.ts";
import type { Field } from "./fields.ts";

/** The value of a text for a field; undefined if the field does not take it. */
export function textValue(text: string, field: Field): unknown {
  return [jsonValue(text), text].find((value) =>
    value !== undefined && mismatch(value, field) === null
  );
}

/** The value of a JSON text; undefined if it is not JSON. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
