import { assertEquals } from "@std/assert";
import { mismatch } from "../../src/base/check_fields.ts";
import { exampleValue } from "../../src/base/example_value.ts";
import {
  boolean,
  choice,
  type Field,
  fraction,
  list,
  nullable,
  number,
  object,
  optional,
  text,
  union,
  whole,
} from "../../src/base/fields.ts";

Deno.test("exampleValue() fits every kind of field", () => {
  const fields: readonly Field[] = [
    number(),
    number({ least: 0, most: 0.01 }),
    number({ above: 0 }),
    whole({ least: 2 }),
    fraction(),
    boolean(),
    text(),
    choice(["a", "b"]),
    list(whole({ least: 1 }), { least: 2 }),
    nullable(number()),
    object({ some: number(), other: optional(text()) }),
  ];
  for (const field of fields) {
    assertEquals(mismatch(exampleValue(field, undefined), field), null);
  }
});

Deno.test("exampleValue() keeps what fits, and drops what belongs to another kind", () => {
  const schedule = union("kind", {
    step: { fields: { initial: number(), drops: list(whole()) } },
    cyclic: { fields: { peak: number() } },
  });
  const found = exampleValue(schedule, { kind: "step", peak: 3, drops: [7] });
  assertEquals(found, { kind: "step", initial: 0.1, drops: [7] });
});
