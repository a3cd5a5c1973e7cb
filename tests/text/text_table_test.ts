import { assertEquals } from "@std/assert";
import { tableLines } from "../../src/text/text_table.ts";

Deno.test("tableLines() starts the first columns together and ends the others together", () => {
  const rows = [["network", "images"], ["a", "10"], ["b", "2000 of 2000", "x"]];
  assertEquals(tableLines(rows, { left: 1 }), [
    "network        images",
    "a                  10",
    "b        2000 of 2000  x",
  ]);
  assertEquals(tableLines([], { left: 1 }), []);
});
