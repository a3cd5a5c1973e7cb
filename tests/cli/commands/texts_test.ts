// What commands print, where that is made from data alone.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  resultsTable,
  showEvaluation,
} from "../../../src/cli/commands/evaluation_progress.ts";
import { dryRunText, timeText } from "../../../src/cli/commands/dry_run.ts";
import { adviceOn, testsPassed } from "../../../src/cli/commands/info.ts";
import {
  precisionWarning,
  softwareWarning,
} from "../../../src/cli/commands/machine.ts";
import { loadingDisplay } from "../../../src/cli/commands/obtain_dataset.ts";
import { profileTable } from "../../../src/cli/commands/profile.ts";
import { recipeList } from "../../../src/cli/commands/recipes.ts";
import { runHeader } from "../../../src/cli/commands/run_header.ts";
import { extentOf, loadDataset } from "../../../src/data/load_dataset.ts";
import type { AdapterDescription, Device } from "../../../src/gpu/device.ts";
import type { Dispatch, Program } from "../../../src/gpu/program.ts";
import { applySettings } from "../../../src/config/settings.ts";
import { recipe } from "../../../src/recipes/mod.ts";
import { estimateRun } from "../../../src/trainer/run_estimate.ts";
import { ATTACKS } from "../../support/example_card.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";

const SOFTWARE: AdapterDescription = {
  description: "llvmpipe",
  vendor: "65541",
  architecture: "",
  adapterClass: "software",
  subgroupSize: 8,
  shaderInt64: false,
  features: [],
};

Deno.test("runHeader() says what, where, on what, and how much", async () => {
  const experiment = recipe("shapes/frpat");
  const { data, epochs, student, teacher } = experiment;
  const dataset = await loadDataset(data);
  const estimate = estimateRun(experiment, {
    extent: await extentOf(data),
    target: SOFTWARE,
  });
  const facts = { experiment, adapter: SOFTWARE, dataset, estimate };
  const lines = runHeader({ ...facts, path: "runs/x" }).split("\n");
  assertEquals(lines[0], `shapes/frpat: ${experiment.title}`);
  assertEquals(lines[1], "  adapter  llvmpipe, on the processor");
  assertStringIncludes(lines[2]!, "training, ");
  assertStringIncludes(lines[2]!, "test images of 32 x 32");
  assertStringIncludes(lines[3]!, `  student  ${student.network} `);
  assertStringIncludes(lines[4]!, `  teacher  ${teacher?.network} `);
  assertStringIncludes(
    lines[5]!,
    `  work     ${epochs} epochs of ${estimate.stepsPerEpoch} steps, `,
  );
  assertEquals(lines[6], "  folder   runs/x");
});

Deno.test("dryRunText() says what is trained, how it is attacked, and what it takes", async () => {
  const experiment = recipe("table2/trades-lbgat-frpat");
  const extent = await extentOf(experiment.data);
  const estimate = estimateRun(experiment, { extent, target: SOFTWARE });
  const facts = { experiment, adapter: SOFTWARE, extent, estimate };
  const text = dryRunText({ ...facts, evaluation: 7e16 });
  for (
    const line of [
      "table2/trades-lbgat-frpat: ",
      "  data       cifar100: 49,000 training, 1,000 held-out, 10,000 test",
      "  student    wide-resnet depth 34 width 10: 46,218,164 parameters\n",
      "  method     lbgat, base (trades, beta 6), detach false\n",
      "  added      frpat, weight (ramp, value 20, over 100), self exclude, ",
      "  surrogate  KL(f(x) || f(x'))\n",
      "  start      x + 0.001 N(0, 1)\n",
      "  mode       eval\n",
      "  epsilon    0.031\n",
      "  step size  0.007\n",
      "  work       100 epochs of 383 steps: ",
      "PFLOP an epoch, ",
      " and 70 PFLOP of evaluations\n",
      "  paper      clean 62.62, ",
      "  reading    Eq. 6 and 7 have one symbol for the distance to the nearest",
      "otherwise: objective.guide=adversarial\n",
    ]
  ) assertStringIncludes(text, line);
});

Deno.test("half precision is told of in a plan, and warned of on a processor", async () => {
  const experiment = applySettings(recipe("shapes/frpat"), ["precision=f16"]);
  const extent = await extentOf(experiment.data);
  const adapter = { ...SOFTWARE, features: ["shader-f16"] };
  const estimate = estimateRun(experiment, { extent, target: adapter });
  const facts = { experiment, adapter, extent, estimate, evaluation: 1 };
  assertStringIncludes(
    dryRunText(facts),
    "while training, activations and their gradients in half precision",
  );
  const warning = precisionWarning({ adapter }, experiment);
  assertStringIncludes(warning!, "about 1.1 times as long");
  const full = { precision: "f32" } as const;
  assertEquals(precisionWarning({ adapter }, full), null);
  const gpu = { ...adapter, adapterClass: "gpu" } as const;
  assertStringIncludes(
    dryRunText(facts),
    "numbers    precision f16 in memory alone, computed in f32",
  );
  assertStringIncludes(
    dryRunText({ ...facts, adapter: gpu }),
    "numbers    precision f16, sums in f32",
  );
  assertEquals(precisionWarning({ adapter: gpu }, experiment), null);
});

Deno.test("timeText() says how long and on what grounds", () => {
  const measured = { rate: 1e10, images: 2, attackSteps: 1, steps: 1 };
  assertEquals(
    timeText(3.6e13, measured),
    "about 1 h on this adapter, at the 10 GFLOP/s just measured in a step of " +
      "2 images and 1 step of the attack",
  );
  assertEquals(
    timeText(3.6e13, { ...measured, attackSteps: null, steps: 4 }),
    "about 1 h on this adapter, at the 10 GFLOP/s just measured in 4 steps " +
      "of 2 images",
  );
});

Deno.test("softwareWarning() warns of long runs on a processor alone", () => {
  const cores = 2;
  assertEquals(
    softwareWarning({ adapter: SOFTWARE }, { flops: 1e12, cores }),
    null,
  );
  const flops = 1.6e10 * 86_400;
  assertEquals(
    softwareWarning({ adapter: SOFTWARE }, { flops, cores }),
    "Warning: llvmpipe runs on the processor. At the 16 GFLOP/s to expect of " +
      "2 cores, the training steps alone take about 1 d",
  );
  const adapter = { ...SOFTWARE, adapterClass: "gpu" } as const;
  assertEquals(softwareWarning({ adapter }, { flops: 1e18, cores }), null);
});

Deno.test("loadingDisplay() prints each stage once and the bytes live", () => {
  const { terminal, lines } = recordedTerminal(80);
  const show = loadingDisplay(terminal);
  const total = 4 * 2 ** 20;
  show({ stage: "waiting" });
  show({ stage: "downloading", received: 0, total });
  show({ stage: "downloading", received: 2 ** 20, total });
  assertEquals(lines(), [
    "waiting for another process that downloads it",
    "downloading 4 MiB from https://www.cs.toronto.edu/~kriz/",
    "downloading  ████░░░░░░░░░░░░  1 MiB of 4 MiB",
  ]);
  show({ stage: "retrying", reason: "the server was silent", delay: 2000 });
  show({ stage: "verifying" });
  show({ stage: "unpacking" });
  assertEquals(lines().slice(2), [
    "retrying in 2 s: the server was silent",
    "verifying",
    "unpacking",
    "",
  ]);
});

Deno.test("showEvaluation() names the attack under way", () => {
  const { terminal, lines } = recordedTerminal(80);
  const device = { pipelines: { onCompile: null } } as unknown as Device;
  const attacks = { clean: null, ...ATTACKS };
  const show = showEvaluation(terminal, { device, attacks });
  const shown = (attack: string, count: number) => {
    show({ network: "student", attack, correct: 8, count, of: 64 });
    return lines().at(-1);
  };
  const empty = "░".repeat(16), full = "█".repeat(16);
  assertEquals(
    [shown("clean", 16), shown("clean", 64), shown("fgsm", 64)],
    [
      "student, clean  ████░░░░░░░░░░░░  16/64 images  50.0 % correct so far",
      `student, pgd-20  ${empty}  0/64 images`,
      `student, fgsm  ${full}  64/64 images  12.5 % correct so far`,
    ],
  );
});

Deno.test("resultsTable() has a row for each network and attack", () => {
  const results = {
    student: {
      clean: { correct: 750, count: 1000 },
      "pgd-20": { correct: 430, count: 1000 },
    },
    teacher: { clean: { correct: 900, count: 1000 } },
  };
  assertEquals(
    resultsTable(results, { attacks: { clean: null, ...ATTACKS } }),
    [
      "network  attack  epsilon   step  accuracy        images",
      "student  clean                     75.0 %  750 of 1,000",
      "student  pgd-20    0.031  0.003    43.0 %  430 of 1,000",
      "teacher  clean                     90.0 %  900 of 1,000",
    ].join("\n"),
  );
});

/** A dispatch of that label and work. */
function dispatchOf(label: string, flops?: number): Dispatch {
  return {
    label,
    kernel: { name: label, source: "", constants: {} },
    reads: [],
    writes: [],
    workgroups: [1, 1, 1],
    ...flops === undefined ? {} : { flops },
  };
}

Deno.test("profileTable() counts loops, and rates where there is arithmetic", () => {
  const program: Program = {
    name: "step",
    buffers: [],
    blocks: [
      { repeat: 1, dispatches: [dispatchOf("conv2d", 1e9)] },
      {
        repeat: 2,
        dispatches: [dispatchOf("conv2d", 1e9), dispatchOf("relu")],
      },
    ],
  };
  const rows = [
    { label: "conv2d", dispatches: 3, ticks: 3e6 },
    { label: "relu", dispatches: 2, ticks: 1e6 },
  ];
  assertEquals(
    profileTable(rows, { program, nanosecondsPerTick: 10 }),
    [
      "dispatch  count     ms    share         rate",
      "conv2d        3  30.00   75.0 %  100 GFLOP/s",
      "relu          2  10.00   25.0 %",
      "all           5  40.00  100.0 %",
    ].join("\n"),
  );
});

Deno.test("recipeList() groups recipes and prints what papers report", () => {
  const recipes = ["shapes/trades", "table1/trades", "supplement4/trades"]
    .map(recipe);
  assertEquals(
    recipeList(recipes),
    [
      `shapes/trades  ${recipes[0]!.title}, ${recipes[0]!.epochs} epochs`,
      "",
      "table1/trades  CIFAR-10, TRADES, WRN-34-10, 100 epochs",
      "               clean 84.42, PGD-20 56.59, C&W-20 54.91, AutoAttack " +
      "51.91, k-NN clean 85.58, k-NN robust 56.73 (FRPAT, Table 1, TRADES; " +
      "accuracies quoted there from LBGAT)",
      "",
      "supplement4/trades  CIFAR-10, TRADES, WRN-34-10, 100 epochs",
      "                    clean at the end 85.35, PGD-20 at the end 53.24, " +
      "GAP of PGD-20 3.35 (FRPAT, supplement, Table 4, TRADES; marked there " +
      "as quoted)",
    ].join("\n"),
  );
});

const GOOD = { loopTrips: 70_000, findsNan: true, nanosecondsPerTick: 1 };

Deno.test("adviceOn() has nothing to say of a GPU that counts right", () => {
  assertEquals(adviceOn({ adapterClass: "gpu" }, GOOD), []);
  assert(testsPassed(GOOD));
});

Deno.test("adviceOn() has a sentence for each thing that is wrong", () => {
  const advice = (tests: Partial<typeof GOOD> | { loopTrips: null }): string =>
    adviceOn({ adapterClass: "gpu" }, { ...GOOD, ...tests }).join("\n");
  assertStringIncludes(advice({ loopTrips: 65_535 }), "ends long loops early");
  assertStringIncludes(advice({ loopTrips: null }), "cannot be trusted");
  assertStringIncludes(advice({ findsNan: false }), "cannot be trusted");
  assertStringIncludes(
    adviceOn({ adapterClass: "gpu" }, { ...GOOD, nanosecondsPerTick: null })
      .join("\n"),
    "Without timestamps",
  );
  assertStringIncludes(
    adviceOn({ adapterClass: "software" }, GOOD).join("\n"),
    "runs on the processor",
  );
});

Deno.test("testsPassed() forgives short loops, which training never exceeds", () => {
  assert(testsPassed({ ...GOOD, loopTrips: 65_535 }));
  assert(!testsPassed({ ...GOOD, loopTrips: null }));
  assert(!testsPassed({ ...GOOD, findsNan: false }));
});
