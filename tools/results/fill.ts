// Fills the measured parts of a page of Markdown. Each stands between two comments,
//
//     <!-- results: shapes table at=last -->
//     <!-- end of results -->
//
// and what stands there before is replaced, so that no number is typed. A study that is
// not kept yet leaves a line that says so.
//
//     table     the whole table, where it comes from, and the commands
//     brief     clean and robust accuracies alone
//     curves    charts of accuracies over epochs
//     settings  charts of accuracies against a number that runs differ in
//     scores    the chart of relationship scores against TRADES' beta
//     images    the adversarial images
//
// `at=best` or `at=last` is the epoch of a table, `rows=` its rows where not all are
// shown, and `neighbors=5,30,50` the numbers of neighbors of relationship scores.

import { UserError } from "../../src/base/errors.ts";
import type { Chart } from "../../src/report/figures/chart.ts";
import { curveCharts, relationCharts } from "./charts.ts";
import { settingCharts } from "./setting_charts.ts";
import type { Study, StudyPicture } from "./study.ts";
import { briefTable, studyTable, type TableWishes } from "./tables.ts";

const REGION =
  /(<!-- results: ([\w-]+) ([^>]*?) ?-->\n)[^]*?(<!-- end of results -->)/g;

const NAMES = ["at", "rows", "neighbors"];

/** What a mark asks for. */
interface Mark {
  readonly name: string;
  readonly view: string;
  readonly wishes: TableWishes;
}

/** The charts of a study, by view. */
export const CHARTS = {
  curves: curveCharts,
  settings: settingCharts,
  scores: relationCharts,
} as const;

/**
 * The page with its measured parts made anew.
 *
 * @param options.images The folder of pictures as the page names it.
 * @throws {UserError} for a mark that says something else than above.
 */
export function filled(
  page: string,
  { studies, images }: {
    readonly studies: readonly Study[];
    readonly images: string;
  },
): string {
  return page.replace(REGION, (_, open, name, words, close) => {
    const mark = markOf(name, words);
    const study = studies.find((one) => one.name === name);
    const text = study
      ? viewOf(study, { ...mark, images })
      : `Not measured yet: docs/results has no ${name}.json.`;
    return `${open}\n${text}\n\n${close}`;
  });
}

function viewOf(
  study: Study,
  { view, wishes, images }: Mark & { readonly images: string },
): string {
  switch (view) {
    case "curves":
    case "settings":
    case "scores":
      return pictures(CHARTS[view](study).map(pictureOf), images);
    case "table":
      return studyTable(study, wishes);
    case "brief":
      return briefTable(study, wishes);
    case "images":
      return pictures(study.pictures, images);
    default:
      throw new UserError(
        `Cannot fill a page: expected table, brief, curves, settings, scores ` +
          `or images of ${study.name} but found ${view}`,
      );
  }
}

/** The picture of a chart. */
export function pictureOf({ name, description }: Chart): StudyPicture {
  return { file: `${name}.svg`, description };
}

function pictures(found: readonly StudyPicture[], images: string): string {
  if (found.length === 0) return "There is no picture of it.";
  return found
    .map(({ file, description }) => `![${description}](${images}/${file})`)
    .join("\n\n");
}

function markOf(name: string, words: string): Mark {
  const [view = "", ...settings] = words.split(/\s+/);
  const options = new Map(settings.map((setting) => {
    const [key, value] = setting.split("=");
    if (NAMES.includes(key!) && value) return [key!, value];
    throw new UserError(
      `Cannot fill a page: expected ${
        NAMES.join("=, ")
      }= of ${name} but found ` +
        setting,
    );
  }));
  const at = options.get("at") ?? "last";
  if (at !== "best" && at !== "last") {
    throw new UserError(
      `Cannot fill a page: expected at=best or at=last of ${name} but found ${at}`,
    );
  }
  const neighbors = options.get("neighbors")?.split(",");
  return {
    name,
    view,
    wishes: {
      at,
      ...neighbors && { neighbors },
      rows: options.get("rows")?.split(","),
    },
  };
}
