// Texts as values of fields.

import { assertEquals } from "@std/assert";
import { number, optional, text } from "../../src/base/fields.ts";
import { textValue } from "../../src/base/text_value.ts";

Deno.test("textValue() reads JSON where the field takes it, and else the text", () => {
  assertEquals(textValue("50", number()), 50);
  assertEquals(textValue("50", text()), "50");
  assertEquals(textValue('"a b"', text()), "a b");
  assertEquals(textValue("a b", optional(text())), "a b");
  assertEquals(textValue("many", number()), undefined);
});
