// Charts as plain data, and the function that draws them as SVG text, by Vega-Lite.
//
// Series differ by color and by dash or shape, so that no chart depends on telling
// colors apart. Every chart has a sentence that says in words what it shows, and is
// narrow enough to be read on a telephone.

import * as vega from "npm:vega@6.4.0";
import * as vegaLite from "npm:vega-lite@6.5.0";
import {
  type Axis,
  distinct,
  longestSeries,
  quantity,
  series,
  seriesOf,
  WIDTH,
} from "./chart_encodings.ts";
import { CLASS_COLORS, DARK_STYLE } from "./colors.ts";

/** The texts of every chart. */
interface ChartText {
  /** Its name in files: lower case, without spaces. */
  readonly name: string;
  /** The title above it. */
  readonly title: string;
  /** A description for readers who do not see it. */
  readonly description: string;
}

/** A point of a line. */
export interface LinePoint {
  readonly series: string;
  readonly x: number;
  readonly y: number;
  /** How far a band around the line reaches up and down; there is none if left out. */
  readonly deviation?: number;
}

/** A point of a scatter plot: its class is its color, its kind its shape. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly color: string;
  readonly shape: string;
}

/** A bar: groups stand side by side, one bar for each series in them. */
export interface Bar {
  readonly group: string;
  readonly series: string;
  readonly value: number;
}

/** A chart as plain data. */
export type Chart =
  & ChartText
  & (
    | {
      readonly kind: "lines";
      readonly x: Axis;
      readonly y: Axis;
      /** Whether points have marks; left out, they have where they are few. */
      readonly marks?: boolean;
      readonly points: readonly LinePoint[];
    }
    | {
      readonly kind: "scatter";
      readonly colors: string;
      /** Whether it is half as wide, to stand beside another one. */
      readonly small?: boolean;
      readonly shapes: string;
      readonly points: readonly ScatterPoint[];
    }
    | {
      readonly kind: "bars";
      readonly groups: string;
      readonly y: Axis;
      readonly bars: readonly Bar[];
    }
  );

/** A cross of two strokes, as an SVG path in the unit square. */
const CROSS = "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8";

const DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 1], [1, 3]];

/** The font of charts, and its substitutes. */
export const FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

const HEIGHT = 210;

/** Points of a series up to which each has a mark of its own. */
const MARKED = 40;

type Spec = vegaLite.TopLevelSpec;

/** The chart as SVG text. */
export async function renderChart(chart: Chart): Promise<string> {
  const own = withOwnNames(chart);
  const { spec } = vegaLite.compile(specOf(own), { config: THEME });
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  try {
    return withText(await view.toSVG(), chart);
  } finally {
    view.finalize();
  }
}

/**
 * The chart with a space before names such as "constructor": Vega looks them up in
 * plain objects, where they stand for something already.
 */
function withOwnNames(chart: Chart): Chart {
  const own = <Point extends object>(points: readonly Point[]): Point[] =>
    points.map((point) => {
      const entries = Object.entries(point).map((
        [key, value],
      ) => [
        key,
        typeof value === "string" && value in {} ? ` ${value}` : value,
      ]);
      return Object.fromEntries(entries);
    });
  switch (chart.kind) {
    case "lines":
      return { ...chart, points: own(chart.points) };
    case "scatter":
      return { ...chart, points: own(chart.points) };
    case "bars":
      return { ...chart, bars: own(chart.bars) };
  }
}

const THEME: vegaLite.Config = {
  background: "white",
  font: FONT,
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
  legend: {
    labelFontSize: 11,
    labelLimit: WIDTH,
    titleFontSize: 12,
    symbolStrokeWidth: 2,
  },
  title: { fontSize: 13, anchor: "start" },
};

function specOf(chart: Chart): Spec {
  switch (chart.kind) {
    case "lines":
      return lines(chart);
    case "scatter":
      return scatter(chart);
    case "bars":
      return bars(chart);
  }
}

/** A chart of one kind. */
type ChartOf<Kind extends Chart["kind"]> = Extract<
  Chart,
  { readonly kind: Kind }
>;

function lines(chart: ChartOf<"lines">): Spec {
  const { title, points } = chart;
  const frame = { title, width: WIDTH, height: HEIGHT } as const;
  const bands = points.filter(({ deviation }) => deviation !== undefined);
  if (bands.length === 0) return { ...frame, ...marks(chart) };
  return {
    ...frame,
    layer: [band(bands, chart), marks(chart)],
    resolve: { legend: { fill: "independent" } },
  };
}

/** The area between the lines' points less and plus their deviations. */
function band(bands: readonly LinePoint[], chart: ChartOf<"lines">) {
  const { scale } = series("stroke", chart.points);
  return {
    data: {
      values: bands.map(({ series, x, y, deviation = 0 }) => ({
        series,
        x,
        low: y - deviation,
        high: y + deviation,
      })),
    },
    mark: { type: "area", opacity: 0.2, line: false },
    encoding: {
      x: quantity("x", chart.x),
      y: quantity("low", chart.y),
      y2: { field: "high" },
      fill: { field: "series", type: "nominal", scale, legend: null },
    },
  } as const;
}

function marks(chart: ChartOf<"lines">) {
  return {
    data: { values: [...chart.points] },
    mark: {
      type: "line",
      point: chart.marks ?? longestSeries(chart.points) <= MARKED,
    },
    encoding: {
      x: quantity("x", chart.x),
      y: quantity("y", chart.y),
      color: series("stroke", chart.points),
      strokeDash: {
        field: "series",
        type: "nominal",
        title: null,
        scale: { domain: seriesOf(chart.points), range: DASHES },
      },
    },
  } as const;
}

function scatter(chart: ChartOf<"scatter">): Spec {
  return {
    title: chart.title,
    width: chart.small ? WIDTH / 2 : WIDTH,
    height: chart.small ? WIDTH / 2 : WIDTH,
    data: { values: [...chart.points] },
    mark: { type: "point", size: chart.small ? 12 : 24, strokeWidth: 1.2 },
    encoding: {
      x: { field: "x", type: "quantitative", axis: null },
      y: { field: "y", type: "quantitative", axis: null },
      color: {
        field: "color",
        type: "nominal",
        title: chart.colors,
        scale: {
          domain: distinct(chart.points.map(({ color }) => color)),
          range: [...CLASS_COLORS],
        },
      },
      shape: {
        field: "shape",
        type: "nominal",
        title: chart.shapes,
        scale: {
          domain: distinct(chart.points.map(({ shape }) => shape)),
          range: ["circle", CROSS],
        },
      },
    },
  };
}

function bars(chart: ChartOf<"bars">): Spec {
  return {
    title: chart.title,
    width: { step: 16 },
    height: HEIGHT,
    data: { values: [...chart.bars] },
    mark: "bar",
    encoding: {
      x: {
        field: "group",
        type: "nominal",
        sort: null,
        title: chart.groups,
        axis: { labelAngle: -40 },
      },
      xOffset: {
        field: "series",
        type: "nominal",
        scale: { domain: seriesOf(chart.bars) },
      },
      y: quantity("value", chart.y),
      color: series("square", chart.bars),
    },
  };
}

/** Replaces Vega's descriptions of single marks by one sentence for the chart. */
function withText(svg: string, { description }: ChartText): string {
  const label = description.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
  return svg
    .replaceAll(/ (?:aria-\w+|role)="[^"]*"/g, "")
    .replace("<svg ", `<svg role="img" aria-label="${label}" `)
    .replace(/viewBox="[^"]*">/, (start) => start + DARK_STYLE);
}
