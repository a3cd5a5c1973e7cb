import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  asObject,
  checkFormat,
  parseJson,
  writeJson,
} from "../../src/runs/stored_json.ts";

Deno.test("writeJson() and parseJson() keep every finite and special number", () => {
  const numbers = [0.1 + 0.2, 5e-324, 2 ** 53, NaN, Infinity, -Infinity];
  const value = { numbers, text: "8/255", none: null, nested: { loss: NaN } };
  assertEquals(parseJson(writeJson(value), "a test"), value);
  assertEquals(parseJson(writeJson(value, { indent: 2 }), "a test"), value);
});

Deno.test("writeJson() stays on one line unless told to indent", () => {
  const value = { text: "two\nlines", list: [1] };
  assertEquals(writeJson(value), '{"text":"two\\nlines","list":[1]}');
  assertEquals(writeJson({ a: 1 }, { indent: 2 }), '{\n  "a": 1\n}');
});

Deno.test("parseJson() says which text is no JSON and how it begins", () => {
  assertThrows(
    () => parseJson('{"a": ', "run/card.json"),
    UserError,
    'Cannot read run/card.json: expected JSON but found "{"a": "',
  );
  assertThrows(() => parseJson("x".repeat(99), "a"), UserError, `xx…"`);
});

Deno.test("asObject() refuses lists, null and plain values", () => {
  assertEquals(asObject({ a: 1 }, "a"), { a: 1 });
  for (const value of [[1], null, "text", 1]) {
    assertThrows(() => asObject(value, "a"), UserError, "a JSON object");
  }
});

Deno.test("checkFormat() tells a newer format from a foreign one", () => {
  const options = { expected: "frpat-run-9", source: "x.json" };
  checkFormat("frpat-run-9", options);
  const messages = ["frpat-run-10", "frpat-run-8", "other-run-10", 5, undefined]
    .map((found) =>
      assertThrows(() => checkFormat(found, options), UserError).message
    );
  assertEquals(
    messages,
    [
      'but found "frpat-run-10", made by a newer version of this program',
      'but found "frpat-run-8"',
      'but found "other-run-10"',
      "but found none",
      "but found none",
    ].map((end) =>
      `Cannot read x.json: expected the format frpat-run-9 ${end}`
    ),
  );
});
