import { assertEquals } from "@std/assert";
import { shownText } from "../../src/base/shown_text.ts";

const CASES: readonly [what: string, text: string, shown: string][] = [
  ["plain text", "ε = 8/255,\ttwo\nlines 😀", "ε = 8/255,\ttwo\nlines 😀"],
  ["colors", "\x1b[31mred\x1b[0m", "red"],
  ["movements of the cursor", "a\x1b[2Jb\x1b[10;20Hc\x1b[?25l", "abc"],
  ["a window's title", "a\x1b]0;title\x07b\x1b]0;title\x1b\\c", "abc"],
  ["a link", "\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "here"],
  ["what asks a terminal to answer", "a\x1bP$qm\x1b\\b\x1b[c", "ab"],
  ["sequences of one character", "a\x1bcb\x1b(0c\x9b31md", "abcd"],
  ["a sequence without its end", "a\x1b[31", "a31"],
  ["a string without its end", "a\x1b]0;rest of it\nb", "a\nb"],
  [
    "returns, bells and backspaces",
    "safe\rdanger\x07\x08\x7f\x00",
    "safedanger",
  ],
  ["line ends of Windows", "a\r\nb", "a\nb"],
  ["marks that turn text around", "a\u202egpj.exe\u2066b", "agpj.exeb"],
];

for (const [what, text, shown] of CASES) {
  Deno.test(`shownText() shows of ${what} what is harmless`, () => {
    assertEquals(shownText(text), shown);
  });
}

Deno.test("shownText() cuts what is too long, between characters", () => {
  assertEquals(shownText("x".repeat(2_000)), "x".repeat(2_000));
  assertEquals(shownText("x".repeat(2_001)), `${"x".repeat(1_999)}…`);
  const faces = shownText("😀".repeat(3_000));
  assertEquals(faces, `${"😀".repeat(999)}…`);
  const lines = shownText("\n".repeat(100_004)).split("\n");
  assertEquals(lines.slice(-1), ["… and 5 more lines"]);
});
