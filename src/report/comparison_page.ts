// Several runs side by side: a table like those of the paper, with a row for each
// run's measurements and below it what the paper reports, and their curves in one.

import { renderChart } from "./figures/chart.ts";
import { relationCurves } from "./figures/relation_curves.ts";
import { type Html, html } from "./html.ts";
import { gallery, section, table } from "./page_parts.ts";
import type { Picture } from "./figures/picture.ts";
import { progressOf } from "./progress.ts";
import type { ReportedRun } from "./reported_run.ts";
import { comparedRows } from "./comparison.ts";
import { runNames } from "./run_names.ts";
import {
  evaluationPoints,
  IMAGES,
  type MeasuredSplit,
} from "./figures/training_curves.ts";

/** The page's contents, without the frame of every page. */
export async function comparisonPage(
  runs: readonly ReportedRun[],
): Promise<Html> {
  const names = runNames(runs);
  const relations = relationCurves(
    runs.map(({ experiment: { objective }, card }) => ({
      objective,
      relation: card?.best.student.relation,
    })),
  );
  const curves = [
    ...await evaluationPictures(runs, names),
    ...relations ? [{ ...relations, svg: await renderChart(relations) }] : [],
  ];
  const { head, rows } = comparedRows(runs);
  return html`
    <header>
      <h1>${runs.length} runs</h1>
      <p>${names.join("; ")}</p>
    </header>
    <main>
    ${section(
      "Results",
      table({
        caption: "Accuracy of the student in percent on the test images, at " +
          "the best epoch and the last one; GAP is best minus last",
        head,
        rows,
        headings: 2,
      }),
    )}
    ${curves.length ? section("Curves", gallery(curves)) : null}
    ${section(
      "Runs",
      html`<ul>${runs.map((run, i) => runItem(run, names[i]!))}</ul>`,
    )}
    </main>
  `;
}

/** A run as a list item: its experiment and its progress. */
function runItem(run: ReportedRun, name: string): Html {
  const { experiment: { title, seed }, path } = run;
  const text = `${title}, seed ${seed}, ${progressOf(run)}, in ${path}`;
  return html`<li><strong>${name}</strong>: ${text}</li>`;
}

/** Charts of held-out images, then of test images where runs measured those too. */
async function evaluationPictures(
  runs: readonly ReportedRun[],
  names: readonly string[],
): Promise<Picture[]> {
  return [
    ...await splitPictures(runs, names, "validation"),
    ...await splitPictures(runs, names, "curve"),
  ];
}

/** One chart for each attack that any run was watched under. */
async function splitPictures(
  runs: readonly ReportedRun[],
  names: readonly string[],
  split: MeasuredSplit,
): Promise<Picture[]> {
  const points = runs.flatMap((run, i) =>
    evaluationPoints(run, split)
      .map((point) => ({ ...point, run: names[i]! }))
  );
  const attacks = [...new Set(points.map(({ series }) => series))];
  return await Promise.all(attacks.map(async (attack) => {
    const chart = {
      kind: "lines",
      name: `${split === "curve" ? "test" : "held-out"}-${attack}`,
      title: `${split === "curve" ? "Test" : "Held-out"} images: ${attack}`,
      description:
        `The accuracy of each run on ${IMAGES[split]} over epochs, in ` +
        `percent: ${attack}.`,
      x: { title: "epoch" },
      y: { title: "accuracy (%)", domain: [0, 100] },
      points: points.filter(({ series }) => series === attack)
        .map(({ run, x, y }) => ({ series: run, x, y })),
    } as const;
    return { ...chart, svg: await renderChart(chart) };
  }));
}
