// Which images choose the best epoch, on a run of a second: held-out ones by default,
// test images where an experiment asks for it, none where none are held out.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type {
  EvaluationConfig,
  Experiment,
} from "../../src/config/experiment.ts";
import { shapes } from "../../src/data/shapes.ts";
import { trainingCurves } from "../../src/report/figures/training_curves.ts";
import { renderCard } from "../../src/runs/card_table.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import { readLog } from "../../src/runs/run_log.ts";
import type { TrainingEvent } from "../../src/trainer/events.ts";
import { train } from "../../src/trainer/trainer.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const dataset = shapes({ seed: 1, train: 64, test: 40 });

/** Standard training of a tiny network, measured by one step. */
function experimentWith(evaluation: Partial<EvaluationConfig>): Experiment {
  return {
    ...EXAMPLE,
    epochs: 3,
    batchSize: 16,
    data: { dataset: "shapes", train: 64, test: 40 },
    student: { network: "resnet8", width: 4 },
    teacher: null,
    objective: { method: "standard" },
    regularizers: [],
    attack: null,
    evaluation: {
      validation: 0,
      every: 1,
      batchSize: 40,
      attacks: { fgsm: { method: "fgsm", norm: "linf", epsilon: "2/255" } },
      ...evaluation,
    },
  };
}

async function runWith(evaluation: Partial<EvaluationConfig>) {
  const path = await Deno.makeTempDir();
  const experiment = experimentWith(evaluation);
  const device = await testDevice();
  const commit = null;
  const environment = await describeEnvironment({ device, dataset, commit });
  using folder = await RunFolder.create(path, { experiment, environment });
  const resume = false;
  const outcome = await train({ device, experiment, dataset, folder, resume });
  assert(outcome.finished);
  const { card } = outcome;
  const lines = await readLog(folder.files.log);
  const files = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  await Deno.remove(path, { recursive: true });
  assertEquals(JSON.parse(JSON.stringify(card)), card);
  const curve = lines.flatMap((line) =>
    line.kind === "evaluation" && line.split === "curve"
      ? [line.results["fgsm"]!]
      : []
  );
  return { card, lines, files, curve, experiment };
}

Deno.test('selection "test" chooses the best epoch on all test images, and says so', async () => {
  const found = await runWith({ selection: "test", keep: 2 });
  const { card, curve, files } = found;
  assertEquals(curve.map(({ count }) => count), [40, 40, 40]);
  const correct = curve.map((one) => one.correct);
  const best = 1 + correct.indexOf(Math.max(...correct));
  assertEquals(card.best.epoch, best);
  const { accuracy } = card.best.student.attacks["fgsm"]!;
  assertEquals(accuracy, 100 * correct[best - 1]! / 40);
  assertEquals(card.selection, { on: "test", images: 40 });
  assert(card.warnings.some((warning) => warning.includes("optimistic")));
  assert(renderCard(card).includes("chosen on the 40 test images"));
  assert(files.includes("epoch-2.safetensors"), files.join());
  assert(!files.includes("epoch-1.safetensors"), files.join());
  // Every image is trained on: 64 in batches of 16.
  assertEquals(found.lines.at(-1)!.step, 3 * 4);
  const charts = trainingCurves(found).map(({ name }) => name);
  assert(charts.includes("test-accuracy"), charts.join());
});

Deno.test("without held-out images the last epoch counts as the best", async () => {
  const { card, curve, files } = await runWith({ curve: 20 });
  assertEquals(curve.map(({ count }) => count), [20, 20, 20]);
  assertEquals([card.best.epoch, card.last.epoch], [3, 3]);
  assertEquals(card.selection, { on: "none", images: 0 });
  assertEquals(card.warnings, []);
  assert(!files.includes("best.safetensors"), files.join());
});

Deno.test("a run stopped between two evaluations of an epoch logs each once", async () => {
  const path = await Deno.makeTempDir();
  const experiment = {
    ...experimentWith({ validation: 8, curve: 20 }),
    epochs: 1,
  };
  const device = await testDevice();
  const commit = null;
  const environment = await describeEnvironment({ device, dataset, commit });
  using folder = await RunFolder.create(path, { experiment, environment });
  const options = { device, experiment, dataset, folder };
  const stop = new AbortController();
  const onEvent = ({ kind }: TrainingEvent) => {
    if (kind === "evaluation") stop.abort();
  };
  const { signal } = stop;
  const stopped = await train({ ...options, resume: false, signal, onEvent });
  assertEquals(stopped, { finished: false, step: 4 });
  await train({ ...options, resume: true });
  const lines = await readLog(folder.files.log);
  await Deno.remove(path, { recursive: true });
  const evaluations = lines.flatMap((line) =>
    line.kind === "evaluation" ? line.split : []
  );
  assertEquals(evaluations, ["validation", "curve", "test"]);
});

Deno.test("an experiment cannot choose on held-out images that it does not have", () => {
  assertThrows(
    () => checkExperiment(experimentWith({ selection: "held-out" })),
    UserError,
    "expected evaluation.validation to be at least 1 to choose the best epoch by",
  );
  checkExperiment(experimentWith({ selection: "held-out", validation: 8 }));
});
