import { assertEquals } from "@std/assert";
import {
  accuracyText,
  bytesText,
  countedText,
  countText,
  digitsText,
  durationText,
  percentText,
  scaledText,
  shortDurationText,
} from "../../src/base/amounts.ts";

Deno.test("countText() groups digits by three", () => {
  assertEquals([0, 7, 999, 1000, 46_160_474].map(countText), [
    "0",
    "7",
    "999",
    "1,000",
    "46,160,474",
  ]);
});

Deno.test("durationText() gives the two largest units", () => {
  const cases: readonly [seconds: number, text: string][] = [
    [-1, "0 s"],
    [0.4, "0 s"],
    [41.3, "41 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [3600, "1 h"],
    [7530, "2 h 5 min"],
    [3661, "1 h 1 min"],
    [86_399, "23 h 59 min"],
    [356_400, "4 d 3 h"],
    [400 * 86_400, "400 d"],
    [3522 * 86_400, "9.64 years"],
    [Infinity, "unknown"],
    [NaN, "unknown"],
  ];
  for (const [seconds, text] of cases) {
    assertEquals(durationText(seconds), text);
  }
});

Deno.test("countedText() has a plural", () => {
  assertEquals([0, 1, 2048].map((n) => countedText(n, "epoch")), [
    "0 epochs",
    "1 epoch",
    "2,048 epochs",
  ]);
});

Deno.test("shortDurationText() and digitsText() have no exponents", () => {
  const times = [0.000412, 0.0123, 0.9999, 2.74, 61, 200].map(
    shortDurationText,
  );
  assertEquals(times, [
    "0.41 ms",
    "12.3 ms",
    "1.00 s",
    "2.74 s",
    "61 s",
    "3 min 20 s",
  ]);
  assertEquals([0.5, 3.14159, 274, 2740.4].map(digitsText), [
    "0.50",
    "3.14",
    "274",
    "2,740",
  ]);
});

Deno.test("scaledText() and bytesText() have three digits and a prefix", () => {
  assertEquals([0, 7, 999, 1000, 1.5e4, 6.572e9, 1.2813e15].map(scaledText), [
    "0 ",
    "7 ",
    "999 ",
    "1 k",
    "15 k",
    "6.57 G",
    "1.28 P",
  ]);
  const sizes = [4, 1023, 1536, 2 ** 27, 46.16e6 * 4, 2 ** 31 - 1];
  assertEquals(sizes.map(bytesText), [
    "4 bytes",
    "1.00 KiB",
    "1.50 KiB",
    "128 MiB",
    "176 MiB",
    "2.00 GiB",
  ]);
});

Deno.test("scaledText() does not round up to four digits", () => {
  assertEquals(scaledText(999_600), "1.00 M");
  assertEquals(scaledText(99_960), "100 k");
  assertEquals(scaledText(9.996e9), "10.0 G");
});

Deno.test("percentText() has one decimal", () => {
  assertEquals([0, 0.1234, 0.99999, 1].map(percentText), [
    "0.0 %",
    "12.3 %",
    "100.0 %",
    "100.0 %",
  ]);
});

Deno.test("figureText() prints percentages as papers do", () => {
  const figures = [undefined, 0, -0.001, 84.4249, 84.425, 100, NaN];
  assertEquals(
    figures.map(accuracyText),
    ["-", "0.00", "0.00", "84.42", "84.42", "100.00", "NaN"],
  );
});
