// All readings and all notes of recipes as one page of Markdown, `docs/readings.md`.

import type { Experiment } from "../config/experiment.ts";
import { READINGS, readingsOf } from "./readings.ts";

const HEAD = `# How the paper is read

A paper leaves things open, and this one contradicts itself in places. Here is
what \`table*\`, \`supplement*\` and \`figure2\` recipes take it to say, and which
setting takes it otherwise. \`recipes NAME\`, \`train NAME --dry-run\` and a run's
report tell the readings that an experiment follows. This page is what
\`recipes --readings\` prints.
`;

/** The page. */
export function readingsPage(recipes: readonly Experiment[]): string {
  const readings = READINGS.map((reading) => {
    const { open, here, otherwise } = reading;
    const count = recipes.filter((recipe) =>
      readingsOf(recipe).includes(reading)
    ).length;
    const settings = otherwise.map((one) => `\`--set '${one}'\``).join(" or ");
    return `- ${open}. **${here}.** Otherwise: ${settings}. (${count} recipes)`;
  });
  const noted = Map.groupBy(recipes, ({ notes = [] }) => notes.join(". "));
  noted.delete("");
  return [
    HEAD,
    "## Readings",
    "",
    ...readings,
    "",
    "## What single recipes differ in",
    "",
    ...[...noted].map(([notes, group]) =>
      `- ${group.map(({ name }) => `\`${name}\``).join(", ")}: ${notes}.`
    ),
    "",
  ].join("\n");
}
