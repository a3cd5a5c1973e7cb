import { assertEquals } from "@std/assert";
import { wrapText } from "../../src/base/wrap_text.ts";

Deno.test("wrapText() leaves what fits as it is", () => {
  const text = "  a table's    row\n\nand a line";
  assertEquals(wrapText(text, 18), text);
});

Deno.test("wrapText() cuts between words, and indents what follows", () => {
  assertEquals(
    wrapText("Note: the images are drawn\nfrom a seed", 14),
    "Note: the\n  images are\n  drawn\nfrom a seed",
  );
});

Deno.test("wrapText() prefers gaps between parts", () => {
  assertEquals(
    wrapText("epoch 1/3  8 s  accuracy clean 5.8 %  loss natural 2.4", 44),
    "epoch 1/3  8 s  accuracy clean 5.8 %\n  loss natural 2.4",
  );
});

Deno.test("wrapText() keeps a text beside its name", () => {
  assertEquals(
    wrapText("  data  Shapes: 448 training images", 24),
    "  data  Shapes: 448\n        training images",
  );
});

Deno.test("wrapText() never cuts a word", () => {
  assertEquals(
    wrapText("in /a/long/path there", 8),
    "in\n  /a/long/path\n  there",
  );
});
