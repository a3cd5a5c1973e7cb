// The page of one run: its result beside the paper's, its curves and figures, and its
// experiment and environment.

import { aboutRows, attackLines, resultRows } from "../runs/card_table.ts";
import { type Html, html } from "./html.ts";
import { pictureFigure, section, settingsTable, table } from "./page_parts.ts";
import { progressOf, type ReportedRun } from "./reported_run.ts";
import { drawnCurves } from "./figures/training_curves.ts";

/** The page's contents, without the frame of every page. */
export async function runPage(run: ReportedRun): Promise<Html> {
  const { experiment, environment, card, pictures } = run;
  const curves = await drawnCurves(run);
  const { reported: _, ...decisive } = experiment;
  return html`
    <header>
      <h1>${experiment.name}</h1>
      <p>${experiment.title}</p>
      <p class="status">${progressOf(run)}</p>
    </header>
    <main>
    ${section(
      "Result",
      card ? resultOf(run) : html`<p>There is no result yet.</p>`,
    )}
    ${section(
      "Curves",
      curves.length
        ? html`<div class="pictures">${curves.map(pictureFigure)}</div>`
        : html`<p>Nothing has been measured yet.</p>`,
    )}
    ${pictures.length
      ? section(
        "Figures",
        html`<div class="pictures">${pictures.map(pictureFigure)}</div>`,
      )
      : null}
    ${section("Experiment", settingsTable("What decides the run", decisive))}
    ${section(
      "Environment",
      settingsTable("What the run depends on", environment),
    )}
    </main>
  `;
}

/** The card as a table, with the attacks and notes. */
function resultOf({ card }: ReportedRun): Html | null {
  if (!card) return null;
  const [head, epochs, ...rows] = resultRows(card);
  const titles = head!.map((title, i) =>
    epochs![i] ? `${title} (${epochs![i]})` : title
  );
  const { dataset, warnings, reported } = card;
  return html`
    ${table({
      caption:
        `Accuracy in percent on ${dataset.title}; GAP is best minus last`,
      head: titles,
      rows,
      headings: 2,
    })}
    <ul class="notes">
    ${aboutRows(card).map(([name, text]) => html`<li>${name}: ${text}.</li>`)}
    ${reported ? html`<li>Reported: ${reported.source}.</li>` : null}
    ${attackLines(card).map((line) => html`<li>${line}.</li>`)}
    ${dataset.notes.map((note) => html`<li>${note}</li>`)}
    ${warnings.map((warning) =>
      html`<li class="warning"><strong>Warning:</strong> ${warning}</li>`
    )}
    </ul>
  `;
}
