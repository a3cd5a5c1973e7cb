// Charts as SVG and PNG.

import { assert, assertEquals } from "@std/assert";
import { type Chart, renderChart } from "../../../src/report/figures/chart.ts";
import { classAccuracyChart } from "../../../src/report/figures/class_accuracy.ts";
import { svgToPng } from "../../../src/report/figures/png.ts";

const LINES: Chart = {
  kind: "lines",
  name: "lines",
  title: "Accuracy",
  description: 'Two lines, "a" & <b>.',
  x: { title: "epoch" },
  y: { title: "accuracy (%)", domain: [0, 100] },
  points: ["clean", "pgd-20"].flatMap((series, k) =>
    [1, 2, 3].map((x) => ({ series, x, y: 20 * x + k }))
  ),
};

/** The words that a reader sees. */
function words(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    text!
  );
}

Deno.test("renderChart() names axes and series, and says what is shown", async () => {
  const svg = await renderChart(LINES);
  const shown = words(svg);
  for (const text of ["Accuracy", "epoch", "accuracy (%)", "clean", "pgd-20"]) {
    assert(shown.includes(text), `${text} among ${shown}`);
  }
  assert(
    svg.startsWith(
      '<svg role="img" aria-label="Two lines, &quot;a&quot; &amp; &lt;b>."',
    ),
    svg.slice(0, 200),
  );
});

Deno.test("renderChart() tells series apart by color and by dash", async () => {
  const svg = await renderChart(LINES);
  const lines = [
    ...svg.matchAll(
      /<path[^>]*stroke="#[^>]*>/g,
    ),
  ]
    .map(([path]) => path);
  const colors = new Set(
    lines.flatMap((path) => /stroke="(#[^"]+)"/.exec(path)?.[1] ?? []),
  );
  assert(colors.has("#0072B2") && colors.has("#D55E00"), [...colors].join());
  assert(svg.includes('stroke-dasharray="6,3"'));
});

Deno.test("renderChart() draws a band around lines with a deviation, in their colors", async () => {
  const areas = (svg: string) =>
    [
      ...svg.matchAll(/<path[^>]* fill="(#\w+)" opacity="0.2"/g),
    ].map(([, color]) => color);
  assertEquals(areas(await renderChart(LINES)), []);
  assert(LINES.kind === "lines");
  const points = LINES.points.map((point) =>
    point.series === "clean" ? point : { ...point, deviation: 5 }
  );
  const svg = await renderChart({ ...LINES, points });
  assertEquals(areas(svg), ["#D55E00"]);
  assertEquals(words(svg).filter((text) => text === "pgd-20").length, 1);
});

Deno.test("renderChart() draws equal charts equally", async () => {
  assertEquals(await renderChart(LINES), await renderChart(LINES));
});

Deno.test("renderChart() shows clean images as circles and others as crosses", async () => {
  const svg = await renderChart({
    kind: "scatter",
    name: "scatter",
    title: "Features",
    description: "Points.",
    colors: "class",
    shapes: "images",
    points: ["clean", "adversarial"].flatMap((shape) =>
      ["cat", "dog"].map((color, x) => ({ x, y: x, color, shape }))
    ),
  });
  const shown = words(svg);
  const order = ["cat", "dog", "class", "clean", "adversarial", "images"];
  assertEquals(shown.filter((text) => order.includes(text)), order);
});

Deno.test("svgToPng() makes a picture of twice the size", async () => {
  const svg = await renderChart(LINES);
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
  const png = await svgToPng(svg);
  assertEquals([...png.slice(1, 4)], [..."PNG"].map((c) => c.charCodeAt(0)));
  const view = new DataView(png.buffer);
  assertEquals(
    [view.getUint32(16), view.getUint32(20)],
    [2 * Number(width), 2 * Number(height)],
  );
});

Deno.test("classAccuracyChart() counts each class by itself", () => {
  const chart = classAccuracyChart([
    { name: "clean", predictions: [0, 0, 1, 1, 0] },
    { name: "pgd", predictions: [1, 1, 1, 0, 1] },
  ], { labels: [0, 0, 1, 1, 1], classNames: ["cat", "dog", "none"] });
  assert(chart.kind === "bars");
  assertEquals(chart.bars, [
    { group: "cat (2)", series: "clean", value: 100 },
    { group: "cat (2)", series: "pgd", value: 0 },
    { group: "dog (3)", series: "clean", value: 100 * 2 / 3 },
    { group: "dog (3)", series: "pgd", value: 100 * 2 / 3 },
  ]);
  assert(chart.description.includes("clean is lowest for dog (3), 66.7 %"));
  assert(!chart.description.includes("better"), chart.description);
});

Deno.test("classAccuracyChart() explains a class that an attack makes easier", () => {
  const { description } = classAccuracyChart([
    { name: "clean", predictions: [0, 0] },
    { name: "pgd", predictions: [0, 1] },
  ], { labels: [0, 1], classNames: ["cat", "dog"] });
  assert(
    description.includes("dog (1) is classified better than clean"),
    description,
  );
});
