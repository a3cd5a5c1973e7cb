// Fields as JSON Schema (draft 2020-12), from which editors complete and check.

import {
  choice,
  type Field,
  type FieldsByName,
  type NumberRange,
  optional,
} from "./fields.ts";

/** A schema, as JSON. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The schema of a field. */
export function jsonSchema(field: Field): JsonSchema {
  const { about } = field;
  return { ...about ? { description: about } : {}, ...shapeOf(field) };
}

function shapeOf(field: Field): JsonSchema {
  switch (field.kind) {
    case "number":
      return { type: field.whole ? "integer" : "number", ...limits(field) };
    case "fraction":
      return { type: "string", pattern: "^\\d+(\\.\\d+)?(/\\d+(\\.\\d+)?)?$" };
    case "boolean":
      return { type: "boolean" };
    case "text":
      return { type: "string", minLength: 1 };
    case "choice":
      return { enum: field.values };
    case "list":
      return {
        type: "array",
        items: jsonSchema(field.of),
        ...field.least > 0 ? { minItems: field.least } : {},
      };
    case "record":
      return { type: "object", additionalProperties: jsonSchema(field.of) };
    case "nullable":
      return { anyOf: [jsonSchema(field.of), { type: "null" }] };
    case "optional":
      return jsonSchema(field.of);
    case "object":
      return objectSchema(field.fields, {});
    case "union":
      return unionSchema(field);
  }
}

function unionSchema(
  { tag, variants, otherwise }: Extract<Field, { readonly kind: "union" }>,
): JsonSchema {
  const kinds = Object.entries(variants).map(([name, { about, fields }]) => ({
    ...about ? { description: about } : {},
    ...name === otherwise
      ? objectSchema({ [tag]: optional(choice([name])), ...fields }, {})
      : objectSchema(fields, { [tag]: { const: name } }),
  }));
  return { oneOf: kinds };
}

function objectSchema(
  fields: FieldsByName,
  tags: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, { kind }]) => kind !== "optional");
  return {
    type: "object",
    properties: {
      ...tags,
      ...Object.fromEntries(
        entries.map(([name, one]) => [name, jsonSchema(one)]),
      ),
    },
    required: [...Object.keys(tags), ...required.map(([name]) => name)],
    additionalProperties: false,
  };
}

function limits(
  { least, most, ceiling, above, below }: NumberRange,
): JsonSchema {
  const named = {
    minimum: least,
    maximum: most ?? ceiling,
    exclusiveMinimum: above,
    exclusiveMaximum: below,
  };
  return Object.fromEntries(
    Object.entries(named).filter(([, limit]) => limit !== undefined),
  );
}
