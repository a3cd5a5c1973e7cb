// The colors of figures, for white and for dark pages. Those of series follow Okabe and
// Ito, whose colors most color-blind readers can tell apart. Every color has a contrast of
// at least 3 to its page, as WCAG 2 requires of graphics.

/** A color as drawn, and on dark pages. */
type Pair = readonly [light: string, dark: string];

/** Series, black last; more series than that repeat them. */
const SERIES: readonly Pair[] = [
  ["#0072B2", "#4DA6DB"],
  ["#D55E00", "#F08540"],
  ["#009E73", "#2FC79B"],
  ["#CC79A7", "#E29CC3"],
  ["#B57600", "#E69F00"],
  ["#2E8BC0", "#8CCBF0"],
  ["#8A6D00", "#CDB04A"],
  ["#000000", "#F0F0F0"],
];

/** Two more, so that ten classes have one each. */
const MORE: readonly Pair[] = [["#767676", "#A0A0A0"], ["#5D3A9B", "#A98BE0"]];

/** Marks of misclassified images. */
const WRONG: Pair = ["#B3261E", "#F2B8B5"];

/** The page, its text, its lines and its axes. */
const PAGE: readonly Pair[] = [
  ["white", "#1B1B1B"],
  ["#000", "#E8E8E8"],
  ["#ddd", "#3A3A3A"],
  ["#888", "#8E8E8E"],
];

/** Every color that figures are drawn in. */
export const COLORS: readonly Pair[] = [...SERIES, ...MORE, WRONG, ...PAGE];

/** Colors for series. */
export const SERIES_COLORS: readonly string[] = SERIES.map(([light]) => light);

/** Colors for ten classes. */
export const CLASS_COLORS: readonly string[] = [...SERIES, ...MORE]
  .map(([light]) => light);

/** The color of marks of misclassified images. */
export const WRONG_COLOR: string = WRONG[0];

/**
 * A style element for SVG that replaces the colors if the reader prefers dark pages. It
 * takes effect in browsers, not in PNGs.
 */
export const DARK_STYLE: string =
  `<style>@media (prefers-color-scheme: dark) {${
    COLORS.map(([light, dark]) =>
      `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`
    ).join("")
  }}</style>`;
