// The measured parts of the documentation: means and deviations of finished runs, filled
// in by `deno task results`, never typed.

import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { fileInfo } from "../../src/base/disk.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { recipe } from "../../src/recipes/mod.ts";
import type { ReportedRun } from "../../src/report/reported_run.ts";
import type { Environment } from "../../src/runs/environment.ts";
import { type NetworkResult, resultCard } from "../../src/runs/result_card.ts";
import { curveCharts, relationCharts } from "../../tools/results/charts.ts";
import { filled } from "../../tools/results/fill.ts";
import { studyOf } from "../../tools/results/gather.ts";
import { settingCharts } from "../../tools/results/setting_charts.ts";
import {
  keptStudies,
  PAGE_NAMES,
  PAGES,
  pageTexts,
} from "../../tools/results/main.ts";
import {
  measuredModule,
  measuredSettings,
} from "../../tools/results/measured.ts";
import { readStudy, type Study, studyText } from "../../tools/results/study.ts";
import { studyTable } from "../../tools/results/tables.ts";

/** What a run reached. */
interface Reached {
  readonly clean: number;
  readonly robust: number;
  /** The relationship score of clean images; none if left out. */
  readonly score?: number;
}

/** A run that reached this, its accuracies in a straight line. */
function run(
  { seed, clean, robust, score, ...changes }: Partial<Experiment> & Reached & {
    readonly seed: number;
  },
): ReportedRun {
  const original = { ...recipe("shapes/vanilla-at"), batchSize: 32 };
  const experiment = { ...original, ...changes, seed };
  const student = studentOf({ clean, robust, ...score && { score } });
  const at = { epoch: 6, student, teacher: null };
  const card = resultCard(experiment, {
    dataset: { title: "Shapes", notes: [] },
    parameters: { student: 1, teacher: null },
    secondsPerEpoch: 2 * seed,
    best: at,
    last: at,
    warnings: [],
  });
  const lines = [3, 6].map((epoch) => ({
    kind: "evaluation" as const,
    network: "student" as const,
    split: "validation",
    results: { clean: { correct: clean * epoch / 6, count: 100 } },
    seconds: 1,
    epoch,
    step: epoch,
    time: "2026-01-31T12:00:00Z",
  }));
  const path = `runs/${seed}`;
  const environment = ENVIRONMENT;
  return { path, experiment, environment, lines, card, pictures: [] };
}

const ENVIRONMENT = {
  deno: "2.9.6",
  commit: "0123456789",
  adapter: { description: "llvmpipe" },
  dataset: { contents: "abc" },
} as Environment;

function studentOf({ clean, robust, score }: Reached): NetworkResult {
  const { attacks } = recipe("shapes/vanilla-at").evaluation;
  const config = attacks["pgd-20"]!;
  const scores = (score: number) => ({ "5": score, "30": score + 1 });
  return {
    clean,
    count: 256,
    attacks: { "pgd-20": { accuracy: robust, count: 256, config } },
    ...score !== undefined && {
      relation: {
        relationClean: scores(score),
        relationRobust: scores(score - 50),
        queries: 256,
        support: 4096,
        config,
      },
    },
  };
}

const ABOUT = {
  name: "toy",
  commands: ["./denow sweep 'shapes/*'"],
  pictures: [],
};

const TOY = studyOf([
  run({ seed: 2, clean: 54, robust: 23 }),
  run({ seed: 1, clean: 60, robust: 30, batchSize: 16 }),
  run({ seed: 1, clean: 50, robust: 20 }),
], ABOUT);

Deno.test("a study's table has means and sample deviations over seeds", () => {
  const [, , ...rows] = studyTable(TOY, { at: "last" }).split("\n");
  const cells = rows.slice(0, 2).map((row) => row.split(/ *\| */).slice(1, -1));
  assertEquals(cells, [
    ["`shapes/vanilla-at batchSize=16`", "1", "60.00", "30.00", "2.0"],
    [
      "`shapes/vanilla-at batchSize=32`",
      ...["2", "52.00 ± 2.83", "21.50 ± 2.12", "3.0 ± 1.4"],
    ],
  ]);
});

Deno.test("a study's table says where its numbers come from", () => {
  const [, text, commands] = studyTable(TOY, { at: "best" }).split("\n\n");
  const words = text!.replaceAll("\n", " ");
  for (
    const part of [
      "at the best epoch",
      "PGD-20: pgd, norm linf, epsilon 8/255",
      "until 2026-01-31 on llvmpipe by Deno 2.9.6, commit 01234567, 2 seeds (1, 2)",
    ]
  ) assertStringIncludes(words, part);
  assertEquals(commands, "```sh\n./denow sweep 'shapes/*'\n```");
});

Deno.test("studyOf() takes runs together whatever is said of their evaluations", () => {
  const { evaluation } = recipe("shapes/vanilla-at");
  const often = { ...evaluation, every: 1 };
  const { groups } = studyOf([
    run({ seed: 1, clean: 1, robust: 1 }),
    run({ seed: 2, clean: 1, robust: 1, evaluation: often }),
  ], ABOUT);
  assertEquals(groups.map(({ runs }) => runs.length), [2]);
});

Deno.test("studyOf() refuses runs without a result, and runs that come twice", () => {
  const found = run({ seed: 1, clean: 1, robust: 1 });
  const study = (...runs: ReportedRun[]) => () => studyOf(runs, ABOUT);
  assertThrows(study({ ...found, card: null }), UserError, "no card");
  assertThrows(study(found, found), UserError, "seed 1, again");
});

Deno.test("a study is read as it was written, a line for each run", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, studyText(TOY));
    assertEquals(await readStudy(path), JSON.parse(JSON.stringify(TOY)));
    const lines = (await Deno.readTextFile(path)).split("\n");
    assertEquals(lines.filter((line) => /"curves"/.test(line)).length, 3);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a study's curves are means over seeds in a band of a deviation", () => {
  const [chart] = curveCharts(TOY);
  assert(chart?.kind === "lines");
  assertEquals(chart.points, [
    { series: "batchSize=16", x: 3, y: 30 },
    { series: "batchSize=16", x: 6, y: 60 },
    { series: "batchSize=32", x: 3, y: 26, deviation: Math.SQRT2 },
    { series: "batchSize=32", x: 6, y: 52, deviation: Math.sqrt(8) },
  ]);
});

Deno.test("a study's scores stand against beta, means over seeds", () => {
  const trades = (beta: number) => ({
    objective: { method: "trades", beta, cleanForwards: 2 } as const,
  });
  const [chart] = relationCharts(studyOf([
    run({ seed: 1, clean: 1, robust: 1, score: 80, ...trades(1) }),
    run({ seed: 2, clean: 1, robust: 1, score: 84, ...trades(1) }),
    run({ seed: 1, clean: 1, robust: 1, score: 70, ...trades(6) }),
  ], ABOUT));
  assert(chart?.kind === "lines");
  assertEquals(
    chart.points.filter(({ series }) => series === "clean, k = 5"),
    [
      { series: "clean, k = 5", x: 1, y: 82 },
      { series: "clean, k = 5", x: 6, y: 70 },
    ],
  );
  assertEquals(relationCharts(TOY), []);
});

Deno.test("measuredSettings() are groups of several seeds without a regularizer", async () => {
  const { regularizers } = recipe("shapes/vanilla-at-frpat");
  const also = [run({ seed: 1, clean: 1, robust: 1, regularizers })];
  const more = run({ seed: 2, clean: 2, robust: 2, regularizers });
  const study = studyOf([...also, more], ABOUT);
  const [first, ...others] = measuredSettings([study, TOY]);
  assertEquals(others, []);
  const { name, method, seeds } = first!;
  assertEquals([name, method, seeds], ["shapes/vanilla-at", "vanilla-at", 2]);
  assertEquals(first!.last, {
    clean: { mean: 52, deviation: 2.828 },
    attacks: { "pgd-20": { mean: 21.5, deviation: 2.121 } },
  });
  const module = new URL("../../src/recipes/measured.gen.ts", import.meta.url);
  assertEquals(
    (await Deno.readTextFile(module)).replaceAll("\r\n", "\n"),
    measuredModule(await keptStudies()),
    "run `deno task results`",
  );
});

Deno.test("a study's accuracies stand against the number that runs differ in", () => {
  const [chart] = settingCharts(TOY);
  assert(chart?.kind === "lines");
  assertEquals([chart.x.title, chart.name], [
    "batchSize",
    "results-toy-vanilla-at-setting",
  ]);
  assertEquals(chart.points.filter(({ series }) => series === "clean"), [
    { series: "clean", x: 16, y: 60 },
    { series: "clean", x: 32, y: 52, deviation: Math.sqrt(8) },
  ]);
  const also = run({ seed: 1, clean: 1, robust: 1, batchSize: 16, epochs: 5 });
  const others = [run({ seed: 1, clean: 1, robust: 1 }), also];
  assertEquals(settingCharts(studyOf(others, ABOUT)), []);
});

/** A page with one mark, filled. */
function page(mark: string, studies: readonly Study[] = [TOY]): string {
  const text = `before\n<!-- results: ${mark} -->\nold\n` +
    "<!-- end of results -->\nafter\n";
  const once = filled(text, { studies, images: "images" });
  assertEquals(once.includes("old"), false);
  assertEquals(filled(once, { studies, images: "images" }), once);
  return once;
}

Deno.test("filling a page replaces what stands between its marks", () => {
  assertStringIncludes(
    page("toy table at=best"),
    studyTable(TOY, { at: "best" }),
  );
  assertStringIncludes(
    page("toy curves"),
    "](images/results-toy-vanilla-at-clean.svg)",
  );
  assertStringIncludes(page("toy images"), "no picture");
  assertStringIncludes(page("toy table", []), "Not measured yet");
  const row = "shapes/vanilla-at";
  assertThrows(() => page("toy brief at=first"), UserError, "found first");
  assertThrows(() => page("toy brief to=last"), UserError, "found to=last");
  assertThrows(() => page(`toy brief rows=${row}`), UserError, `found ${row}`);
  assertThrows(() => page("toy tables"), UserError, "found tables");
});

Deno.test("the pages have what the kept studies make, and every picture", async () => {
  const studies = await keptStudies();
  for (const name of PAGE_NAMES) {
    const { made, kept } = pageTexts(name, studies);
    assertEquals(kept, made, `${name}: run \`deno task results\``);
    assertStringIncludes(kept, "<!-- results: ");
    const pictures = new RegExp(`\\]\\(${PAGES[name]}/(results-[^)]+)\\)`, "g");
    for (const [, file] of kept.matchAll(pictures)) {
      const path = new URL(`../../docs/images/${file}`, import.meta.url);
      assert(await fileInfo(decodeURIComponent(path.pathname)), `no ${file}`);
    }
  }
});
