// The page of one run: its result beside the paper's, its curves and figures, and its
// experiment and environment.

import { aboutRows, attackLines, resultRows } from "../runs/card_table.ts";
import { comparisonLines } from "../runs/comparison_rows.ts";
import { notesOf } from "../recipes/readings.ts";
import { type Html, html } from "./html.ts";
import { stepCurves } from "./figures/step_curves.ts";
import { drawn, drawnCurves } from "./figures/training_curves.ts";
import { folded, gallery, section, table } from "./page_parts.ts";
import { progressOf, speedOf, timesOf } from "./progress.ts";
import type { ReportedRun } from "./reported_run.ts";
import { settingsTable } from "./settings_table.ts";

/**
 * The page's contents, without the frame of every page.
 *
 * @param options.live Whether to show curves by step, as during training.
 */
export async function runPage(
  run: ReportedRun,
  { live = false }: { readonly live?: boolean } = {},
): Promise<Html> {
  const { experiment, card, pictures } = run;
  const steps = live ? await drawn(stepCurves(run)) : [];
  const curves = await drawnCurves(run);
  const { reported: _, notes: __, ...decisive } = experiment;
  const words = [progressOf(run), speedOf(run), timesOf(run)];
  return html`
    <header>
      <h1>${experiment.name}</h1>
      <p>${experiment.title}</p>
      <p class="status">${words.filter((part) => part !== "").join("; ")}</p>
    </header>
    <main>
    ${section(
      "Result",
      card ? resultOf(run) : html`<p>There is no result yet.</p>`,
    )}
    ${section(
      "Curves",
      curves.length
        ? gallery(curves)
        : html`<p>Nothing has been measured yet.</p>`,
    )}
    ${steps.length ? section("Step by step", gallery(steps)) : null}
    ${pictures.length ? section("Figures", gallery(pictures)) : null}
    ${readingsOf(experiment)}
    ${section("Experiment", settingsTable("What decides the run", decisive))}
    ${environmentOf(run)}
    </main>
  `;
}

/** The program, the machine and the data, with the GPU's details folded away. */
function environmentOf({ environment }: ReportedRun): Html {
  const { limits, adapter: { features, tuned, ...adapter }, ...others } =
    environment;
  return section("Environment", [
    settingsTable("What the run depends on", { ...others, adapter }),
    folded(
      "Features and limits of the GPU",
      settingsTable("By WebGPU's names", { features, limits }),
    ),
    ...tuned
      ? [folded(
        "Algorithms that were measured on the GPU",
        settingsTable("By pass and shape", tuned),
      )]
      : [],
  ]);
}

/** How the paper is read, where the experiment follows it. */
function readingsOf(experiment: ReportedRun["experiment"]): Html | null {
  const items = notesOf(experiment).map((note) => html`<li>${note}.</li>`);
  return items.length > 0
    ? section("Readings", html`<ul class="notes">${items}</ul>`)
    : null;
}

/** The card as a table, with the attacks and notes. */
function resultOf({ card }: ReportedRun): Html | null {
  if (!card) return null;
  const [head, epochs, ...rows] = resultRows(card);
  const titles = head!.map((title, i) =>
    epochs![i] ? `${title} (${epochs![i]!.replace(" ", "\u00a0")})` : title
  );
  const { dataset, warnings, reported } = card;
  return html`
    ${table({
      caption:
        `Accuracy in percent on ${dataset.title}; GAP is best minus last`,
      head: titles,
      rows,
      headings: head!.indexOf("best"),
    })}
    <ul class="notes">
    ${aboutRows(card).map(([name, text]) => html`<li>${name}: ${text}.</li>`)}
    ${reported ? html`<li>Reported: ${reported.source}.</li>` : null}
    ${comparisonLines(card).map((line) => html`<li>${line}.</li>`)}
    ${attackLines(card).map((line) => html`<li>${line}.</li>`)}
    ${dataset.notes.map((note) => html`<li>${note}</li>`)}
    ${warnings.map((warning) =>
      html`<li class="warning"><strong>Warning:</strong> ${warning}</li>`
    )}
    </ul>
  `;
}
