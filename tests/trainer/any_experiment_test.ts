// What `train` accepts can be planned, written, read, finished, shown and reported,
// whatever it is: many experiments that nobody thought of without a device, and a few
// on one.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dryRunText } from "../../src/cli/commands/dry_run.ts";
import { chosenAttacks } from "../../src/config/chosen_attacks.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { experimentNotes } from "../../src/config/experiment_notes.ts";
import { UserError } from "../../src/base/errors.ts";
import type { DatasetExtent } from "../../src/data/dataset_kind.ts";
import { extentOf, loadDataset } from "../../src/data/load_dataset.ts";
import { runFigures } from "../../src/report/figures/run_figures.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import { train, type TrainingOutcome } from "../../src/trainer/trainer.ts";
import { testDevice } from "../support/check_op.ts";
import { report } from "../../src/report/report.ts";
import { renderCard } from "../../src/runs/card_table.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/runs/checkpoint.ts";
import {
  type NetworkResult,
  networkResult,
  type ResultCard,
  resultCard,
} from "../../src/runs/result_card.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import type { LogLine } from "../../src/runs/log_line.ts";
import { RunLog } from "../../src/runs/run_log.ts";
import { sweepCsv, sweepMarkdown } from "../../src/runs/sweep_table.ts";
import { evaluationFlops } from "../../src/trainer/evaluation_flops.ts";
import {
  estimateRun,
  type RunEstimate,
} from "../../src/trainer/run_estimate.ts";
import { EXAMPLE_ENVIRONMENT } from "../support/example_experiment.ts";
import { generatedExperiment } from "../support/generate_experiment.ts";
import { withFolder } from "../support/temporary_folder.ts";

/** Experiments of few steps, the first with images left out. */
const TRAINED = [26, 92];

const ADAPTER = {
  description: "a machine",
  adapterClass: "software",
  features: [],
} as const;

Deno.test("any experiment is planned, and the plan printed", async () => {
  let planned = 0;
  for (let seed = 0; seed < 54; seed++) {
    const experiment = generatedExperiment(seed);
    const extent = await extentOf(experiment.data);
    const target = ADAPTER;
    const estimate = estimateOf(experiment, extent);
    if (!estimate) continue;
    planned++;
    const { step } = estimate;
    const evaluation = evaluationFlops(experiment, { step, extent, target });
    assert(estimate.flopsPerEpoch > 0 && evaluation > 0, `seed ${seed}`);
    assert(experimentNotes(experiment).every((note) => note !== ""));
    const adapter = ADAPTER as never;
    const facts = { experiment, adapter, extent, estimate, evaluation };
    assertStringIncludes(dryRunText(facts), experiment.objective.method);
  }
  assert(planned > 45, `${planned} of 54 can be trained`);
});

/** The work of a run; null where the user is told that there are too few images. */
function estimateOf(
  experiment: Experiment,
  extent: DatasetExtent,
): RunEstimate | null {
  try {
    return estimateRun(experiment, { extent, target: ADAPTER });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

Deno.test("any experiment is stopped, resumed, finished, drawn and reported", () =>
  withFolder(async (parent) => {
    for (const seed of TRAINED) {
      const path = `${parent}/${seed}`;
      const stopped = await trained(seed, { path, resume: false });
      assertEquals(stopped, { finished: false, step: 1 }, `seed ${seed}`);
      const { finished } = await trained(seed, { path, resume: true });
      assert(finished, `seed ${seed}`);
      const experiment = generatedExperiment(seed);
      const { pictures, missing } = await runFigures({
        device: await testDevice(),
        experiment,
        checkpoint: `${path}/best.safetensors`,
        dataset: await loadDataset(experiment.data),
        limit: 8,
      });
      assertEquals([pictures.length, missing], [5, null]);
      assertStringIncludes(await report([path]), "</html>");
    }
  }));

/** Trains an experiment; one that is not resumed is stopped after its first step. */
async function trained(
  seed: number,
  { path, resume }: { readonly path: string; readonly resume: boolean },
): Promise<TrainingOutcome> {
  const device = await testDevice();
  const experiment = generatedExperiment(seed);
  const dataset = await loadDataset(experiment.data);
  const about = { device, dataset, commit: null };
  const environment = await describeEnvironment(about);
  using folder = resume
    ? await RunFolder.resume(path)
    : await RunFolder.create(path, { experiment, environment });
  const stop = new AbortController();
  if (!resume) stop.abort();
  const { signal } = stop;
  return await train({ device, experiment, dataset, folder, resume, signal });
}

Deno.test("any experiment is stored and read again, with its result and its report", () =>
  withFolder(async (parent) => {
    for (let seed = 0; seed < 120; seed++) {
      const experiment = generatedExperiment(seed);
      const path = `${parent}/${seed}`;
      const card = cardOf(experiment);
      {
        const environment = EXAMPLE_ENVIRONMENT;
        using folder = await RunFolder.create(path, {
          experiment,
          environment,
        });
        await folder.writeCard(card);
        using log = await RunLog.open(folder.files.log, { step: 0 });
        for (const line of linesOf(experiment)) log.append(line);
      }
      using folder = await RunFolder.open(path);
      assertEquals(folder.experiment, experiment);
      assertEquals(await folder.readCard(), card);
      const { evaluation } = folder.experiment;
      const { attacks } = chosenAttacks(undefined, { evaluation });
      assertEquals(attacks, { clean: null, ...evaluation.attacks });
      assertStringIncludes(renderCard(card), experiment.title);
      const { name, title, reported } = experiment;
      const rows = [{
        name,
        title,
        reported,
        cards: [card],
        runs: 1,
        errors: [],
      }];
      assert(sweepMarkdown(rows) !== "" && sweepCsv(rows) !== "");
      const state = { step: 1, epoch: 1, experiment, metrics: {}, tensors: {} };
      const bytes = encodeCheckpoint(state);
      assertEquals(decodeCheckpoint(bytes, "x").experiment, experiment);
      // Drawing takes a second.
      if (seed % 12 === 0) {
        assertStringIncludes(await report([path]), "</html>");
      }
    }
  }));

/** Counts by attack, as an evaluation finds them. */
function countsOf({ evaluation }: Experiment) {
  const names = ["clean", ...Object.keys(evaluation.attacks)];
  return Object.fromEntries(
    names.map((name, i) => [name, { correct: i % 8, count: 8 }]),
  );
}

function cardOf(experiment: Experiment): ResultCard {
  const attacks = { clean: null, ...experiment.evaluation.attacks };
  const student: NetworkResult = networkResult(countsOf(experiment), attacks);
  const { teacher, epochs } = experiment;
  const at = { epoch: epochs, student, teacher: teacher && student };
  return resultCard(experiment, {
    dataset: { title: "Shapes", notes: [] },
    secondsPerEpoch: 1,
    best: { ...at, epoch: 1 },
    last: at,
    warnings: [],
    parameters: { student: 5, teacher: teacher && 6 },
  });
}

function linesOf(experiment: Experiment): LogLine[] {
  const { name, seed } = experiment;
  const time = "2026-01-01T00:00:00.000Z";
  const place = { epoch: 1, step: 2 };
  return [
    { kind: "start", epoch: 0, step: 0, experiment: name, seed, time },
    {
      kind: "epoch",
      ...place,
      means: { natural: NaN, robust: Infinity, "clean correct": 0 },
      learningRate: 0.1,
      seconds: 1,
      imagesPerSecond: 3,
    },
    {
      kind: "evaluation",
      ...place,
      network: "student",
      split: "validation",
      results: countsOf(experiment),
      seconds: 1,
    },
  ];
}
