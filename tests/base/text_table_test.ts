import { assertEquals } from "@std/assert";
import { csvLine, tableLines } from "../../src/base/text_table.ts";

Deno.test("tableLines() starts the first columns together and ends the others together", () => {
  const rows = [["network", "images"], ["a", "10"], ["b", "2000 of 2000", "x"]];
  assertEquals(tableLines(rows, { left: 1 }), [
    "network        images",
    "a                  10",
    "b        2000 of 2000  x",
  ]);
  assertEquals(tableLines([], { left: 1 }), []);
});

Deno.test("csvLine() quotes what would end a cell or a line", () => {
  assertEquals(
    csvLine(["a b", "1,5", 'say "x"', "two\nlines", ""]),
    'a b,"1,5","say ""x""","two\nlines",',
  );
});
