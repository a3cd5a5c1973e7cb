import { assert } from "@std/assert";
import { COLORS } from "../../../src/report/figures/colors.ts";

/** The relative luminance of a color (WCAG 2). */
function luminance(color: string): number {
  const full = color === "white"
    ? "#ffffff"
    : color.replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(full.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

Deno.test("every color stands out from white and from dark pages", () => {
  const [white, black] = COLORS.find(([light]) => light === "white")!;
  for (const [light, dark] of COLORS) {
    // The page itself, and the grid, which nobody reads.
    if (["white", "#ddd"].includes(light)) continue;
    assert(contrast(light, white) >= 3, `${light} ${contrast(light, white)}`);
    assert(contrast(dark, black) >= 3, `${dark} ${contrast(dark, black)}`);
  }
});
