// Colors of figures, on white and on dark pages. Series have those of Okabe and Ito,
// which most color-blind readers can tell apart; on dark pages the same hues are lighter.
// Every color stands out from its page by a contrast of 3 and more, as WCAG 2 asks.

/** Colors by name: as drawn, and on dark pages. */
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

/** What is wrong, such as a class that an attack achieved. */
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

/** The color of what is wrong. */
export const WRONG_COLOR: string = WRONG[0];

/**
 * An SVG's style element that changes its colors where the reader prefers dark pages. It
 * takes effect where the picture is shown by a browser; a PNG is as it was drawn.
 */
export const DARK_STYLE: string =
  `<style>@media (prefers-color-scheme: dark) {${
    COLORS.map(([light, dark]) =>
      `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`
    ).join("")
  }}</style>`;
