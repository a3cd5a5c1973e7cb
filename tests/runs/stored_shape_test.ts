import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  anyObject,
  boolean,
  checkShape,
  count,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  tagged,
  text,
  textLike,
} from "../../src/runs/stored_shape.ts";

const POINT: Shape = object<{ x: number; label?: string }>({
  x: number,
  label: optional(text),
});

const SHAPE: Shape = tagged("kind", { point: POINT, none: anyObject });

const ALLOWED: readonly [Shape, readonly unknown[]][] = [
  [number, [0, -1.5, NaN, Infinity]],
  [count, [0, 7]],
  [boolean, [true, false]],
  [text, ["", "a"]],
  [textLike(/^[a-z]+$/, "letters"), ["abc"]],
  [oneOf("a", 2), ["a", 2]],
  [nullable(text), ["a", null]],
  [list(count), [[], [1, 2]]],
  [record(count), [{}, { a: 1 }]],
  [POINT, [{ x: 1 }, { x: NaN, label: "a", more: [] }]],
  [SHAPE, [{ kind: "point", x: 1 }, { kind: "none" }]],
];

for (const [shape, values] of ALLOWED) {
  Deno.test(`checkShape() gives back ${Deno.inspect(values, { compact: true })}`, () => {
    for (const value of values) {
      assertEquals(checkShape(value, { shape, source: "x" }), value);
    }
  });
}

const REFUSED: readonly [Shape, value: unknown, message: string][] = [
  [number, "1", 'expected a number but found "1"'],
  [count, -1, "expected a whole number but found -1"],
  [count, 0.5, "expected a whole number but found 0.5"],
  [text, undefined, "expected a text but found nothing"],
  [textLike(/^[a-z]+$/, "letters"), "a/b", 'expected letters but found "a/b"'],
  [oneOf("a", 2), "2", 'expected one of a, 2 but found "2"'],
  [list(count), {}, "expected a JSON array but found {}"],
  [
    list(POINT),
    [{ x: 1 }, {}],
    "expected 1.x to be a number but found nothing",
  ],
  [record(list(text)), { a: [1] }, "expected a.0 to be a text but found 1"],
  [POINT, [], "expected a JSON object but found []"],
  [POINT, { x: 1, label: 2 }, "expected label to be a text but found 2"],
  [
    SHAPE,
    { kind: "party" },
    "expected kind to be one of point, none but found",
  ],
  [SHAPE, { kind: "toString" }, "expected kind to be one of point, none"],
  [SHAPE, null, "expected a JSON object but found null"],
  [text, ["x".repeat(99)], `but found ["${"x".repeat(38)}…`],
];

for (const [shape, value, message] of REFUSED) {
  Deno.test(`checkShape() says ${message}`, () => {
    assertThrows(
      () => checkShape(value, { shape, source: "x.json" }),
      UserError,
      message,
    );
  });
}
