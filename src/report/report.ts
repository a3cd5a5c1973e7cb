// A report as one self-contained page: one run in full, or several side by side.

import { comparisonPage } from "./comparison_page.ts";
import { page } from "./page_parts.ts";
import { readRun, type ReportedRun } from "./reported_run.ts";
import { runPage } from "./run_page.ts";

/**
 * The page about the runs in these folders, as HTML.
 *
 * @throws {UserError} if a folder holds no run, or a damaged one.
 */
export async function report(folders: readonly string[]): Promise<string> {
  const runs: ReportedRun[] = [];
  for (const folder of folders) runs.push(await readRun(folder));
  const [first, ...others] = runs;
  if (first && others.length === 0) {
    const title = first.experiment.name;
    return page({ title, content: await runPage(first) });
  }
  const title = `${runs.length} runs`;
  return page({ title, content: await comparisonPage(runs) });
}
