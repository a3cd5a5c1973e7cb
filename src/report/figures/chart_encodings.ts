// How charts encode data, in the words of Vega-Lite: axes for numbers, and colors with a
// legend for series.

import { SERIES_COLORS } from "./colors.ts";

/** An axis, with its unit in the title. */
export interface Axis {
  readonly title: string;
  /** The least and the greatest value; those of the data if left out. */
  readonly domain?: readonly [number, number];
  readonly scale?: "linear" | "log";
  /** Where its labels stand; at round numbers if left out. */
  readonly ticks?: readonly number[];
}

/** The width of a chart in pixels, which fits a telephone. */
export const WIDTH = 340;

/** About the width of a letter, and of a legend's symbol with its gaps. */
const LETTER = 7, SYMBOL = 36;

/** A number along an axis. */
export function quantity(
  field: string,
  { title, domain, ticks, scale = "linear" }: Axis,
) {
  return {
    field,
    title,
    type: "quantitative",
    // Epochs are whole.
    axis: {
      ...field === "x" ? { tickMinStep: 1 } : {},
      ...ticks ? { values: [...ticks] } : {},
    },
    scale: {
      type: scale,
      ...scale === "linear" ? { zero: true } : {},
      ...domain ? { domain: [...domain] } : {},
    },
  } as const;
}

/** Colors by series, with a legend where there is more than one. */
export function series(
  mark: "stroke" | "square",
  values: readonly { readonly series: string }[],
) {
  const domain = seriesOf(values);
  return {
    field: "series",
    type: "nominal",
    title: null,
    scale: { domain, range: [...SERIES_COLORS] },
    legend: domain.length > 1
      ? {
        symbolType: mark,
        orient: "top",
        columns: legendColumns(domain),
      }
      : null,
  } as const;
}

/** As many names side by side as there is room for. */
function legendColumns(names: readonly string[]): number {
  const longest = Math.max(...names.map((name) => name.length));
  const most = Math.floor(WIDTH / (LETTER * longest + SYMBOL));
  return Math.max(1, Math.min(most, names.length));
}

/** Points of the series that has most. */
export function longestSeries(
  points: readonly { readonly series: string }[],
): number {
  const bySeries = Map.groupBy(points, ({ series }) => series);
  return Math.max(0, ...[...bySeries.values()].map(({ length }) => length));
}

/** The names of series, in the order in which they first come. */
export function seriesOf(
  values: readonly { readonly series: string }[],
): string[] {
  return distinct(values.map(({ series }) => series));
}

/** Names once each, in the order in which they first come. */
export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
