// What fields say of values, of themselves, and as JSON Schema.

import { assertEquals, assertThrows } from "@std/assert";
import { checked, fieldsOf, mismatch } from "../../src/base/check_fields.ts";
import {
  boolean,
  choice,
  describe,
  type Field,
  fraction,
  list,
  nullable,
  number,
  object,
  optional,
  record,
  text,
  union,
  whole,
} from "../../src/base/fields.ts";
import { jsonSchema } from "../../src/base/json_schema.ts";

const SHAPE = union("kind", {
  disk: { fields: { radius: number({ above: 0 }) } },
  box: {
    fields: { low: number(), high: number() },
    check: ({ low, high }: { low: number; high: number }) =>
      low < high ? null : {
        path: "high",
        expected: `above ${low}`,
        found: String(high),
      },
  },
});

const CASES: readonly (readonly [
  field: Field,
  words: string,
  right: readonly unknown[],
  wrong: readonly unknown[],
])[] = [
  [number(), "a number", [0, -1.5], [NaN, Infinity, "1", null]],
  [number({ least: 0, most: 1 }), "a number from 0 to 1", [0, 1], [-0.1, 1.1]],
  [
    number({ least: 0, below: 1 }),
    "a number of at least 0 and below 1",
    [0, 0.9],
    [1],
  ],
  [whole({ least: 1 }), "a whole number of at least 1", [1], [0, 1.5, 2 ** 60]],
  [
    fraction({ above: 0, most: 1 }),
    'a number or quotient such as "8/255" above 0 and of at most 1',
    ["8/255", "1"],
    ["0", "2", "1/0", "x", 0.5],
  ],
  [boolean(), "true or false", [true], [0, "true"]],
  [text(), "a text", ["x"], ["", 1]],
  [choice([1, "a"]), "one of 1, a", [1, "a"], ["1", 2]],
  [list(whole(), { least: 1 }), "a JSON array of at least 1", [[1]], [[], 1]],
  [record(boolean()), "a JSON object", [{}, { x: true }], [[], null]],
  [nullable(text()), "a text or null", [null, "x"], [1]],
  [optional(text()), "a text", [undefined, "x"], [null]],
  [
    SHAPE,
    'a JSON object with "kind"',
    [{ kind: "disk", radius: 1 }, { kind: "box", low: 0, high: 1 }],
    ["disk", {}, { kind: "ring" }, { kind: "disk", radius: 1, x: 1 }],
  ],
];

for (const [field, words, right, wrong] of CASES) {
  Deno.test(`mismatch() tells ${words} from other values`, () => {
    assertEquals(describe(field), words);
    for (const value of right) assertEquals(mismatch(value, field), null);
    for (const value of wrong) {
      assertEquals(mismatch(value, field) === null, false, String(value));
    }
  });
}

Deno.test("mismatch() says where a value is wrong, and what was found", () => {
  const field = object<{ name: string; shapes: unknown[] }>({
    name: text(),
    shapes: list(SHAPE),
  });
  const at = (...shapes: unknown[]) => mismatch({ name: "x", shapes }, field);
  assertEquals(at({ kind: "disk", radius: -1 }), {
    path: "shapes.0.radius",
    expected: "a number above 0",
    found: "-1",
  });
  assertEquals(at({ kind: "box", low: 2, high: 1 }), {
    path: "shapes.0.high",
    expected: "above 2",
    found: "1",
  });
  assertEquals(mismatch({ name: "x", shapes: [], y: [] }, field), {
    path: "y",
    expected: "absent",
    found: "[]",
  });
  assertEquals(mismatch({ shapes: [] }, field)?.found, "nothing");
});

Deno.test("fieldsOf() follows the kind that a value names", () => {
  const keys = (value: unknown) => Object.keys(fieldsOf(SHAPE, value)!);
  assertEquals(keys({ kind: "disk" }), ["kind", "radius"]);
  assertEquals(keys({ kind: "ring" }), ["kind"]);
  assertEquals(fieldsOf(text(), "x"), null);
});

Deno.test("checked() takes fractions as numbers, and looks at nothing without a field", () => {
  const kind = { method: "toy", fields: { size: fraction({ most: 1 }) } };
  const options = { size: 0.5, other: {} };
  assertEquals(checked(kind, options), options);
  assertEquals(checked(kind, {}), {});
  assertThrows(
    () => checked(kind, { size: 2 }),
    RangeError,
    "Cannot use toy: expected size to be a number of at most 1 but found 2",
  );
});

Deno.test("jsonSchema() says what mismatch() checks", () => {
  assertEquals(jsonSchema(whole({ least: 1, about: "images" })), {
    description: "images",
    type: "integer",
    minimum: 1,
  });
  assertEquals(jsonSchema(number({ above: 0, below: 1 })), {
    type: "number",
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
  });
  assertEquals(jsonSchema(nullable(choice(["a", "b"]))), {
    anyOf: [{ enum: ["a", "b"] }, { type: "null" }],
  });
  const pair = object<{ a: string; b?: string }>({
    a: text(),
    b: optional(text()),
  });
  assertEquals(jsonSchema(pair)["required"], ["a"]);
  const disk = union("kind", { disk: { about: "round", fields: {} } });
  assertEquals(jsonSchema(disk), {
    oneOf: [{
      description: "round",
      type: "object",
      properties: { kind: { const: "disk" } },
      required: ["kind"],
      additionalProperties: false,
    }],
  });
});
