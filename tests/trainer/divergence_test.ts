// Runs whose numbers are no numbers any more: they end, and keep what they had.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileInfo } from "../../src/base/disk.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { shapes } from "../../src/data/shapes.ts";
import { loadCheckpoint } from "../../src/runs/checkpoint.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import { readLog } from "../../src/runs/run_log.ts";
import { DivergenceError, lostTensor } from "../../src/trainer/divergence.ts";
import {
  train,
  type TrainingEvent,
  type TrainingOutcome,
} from "../../src/trainer/trainer.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { withFolder } from "../support/temporary_folder.ts";

/** 2 steps an epoch; in the second one the learning rate is of no use to anybody. */
const experiment: Experiment = {
  ...EXAMPLE,
  epochs: 3,
  batchSize: 16,
  data: { dataset: "shapes", train: 40, test: 8 },
  student: { network: "resnet8", width: 4 },
  teacher: null,
  objective: { method: "standard" },
  regularizers: [],
  attack: null,
  weightPerturbation: null,
  optimizer: {
    ...EXAMPLE.optimizer,
    learningRate: { kind: "step", initial: 0.01, drops: [2], factor: 1e38 },
  },
  evaluation: {
    validation: 8,
    every: 1,
    batchSize: 8,
    attacks: { fgsm: { method: "fgsm", norm: "linf", epsilon: "8/255" } },
  },
};
const dataset = shapes({ seed: 1, train: 40, test: 8 });

async function run(
  path: string,
  { keepGoing = false, resume = false, onEvent = () => {} }: {
    readonly keepGoing?: boolean;
    readonly resume?: boolean;
    readonly onEvent?: (event: TrainingEvent) => void;
  } = {},
): Promise<TrainingOutcome> {
  const device = await testDevice();
  const environment = await describeEnvironment({
    device,
    dataset,
    commit: null,
  });
  using folder = resume
    ? await RunFolder.resume(path)
    : await RunFolder.create(path, { experiment, environment });
  const options = { device, experiment, dataset, folder, resume, onEvent };
  return await train({ ...options, keepGoing });
}

Deno.test("train() ends a run that has diverged, and goes on with it only if asked to", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run`;
    const error = await assertRejects(() => run(path), DivergenceError);
    assertEquals(error.divergence.epoch, 2);
    assert(error.message.includes("the last checkpoint is of step 2,"));

    const last = await loadCheckpoint(`${path}/last.safetensors`);
    assertEquals([last.step, lostTensor(last.tensors)], [2, null]);
    const lines = await readLog(`${path}/log.jsonl`);
    assertEquals(lines.at(-1)!.kind, "diverged");
    assertEquals(await fileInfo(`${path}/card.json`), undefined);

    const best: boolean[] = [];
    const outcome = await run(path, {
      keepGoing: true,
      resume: true,
      onEvent: (event) => event.kind === "evaluation" && best.push(event.best),
    });
    assert(outcome.finished);
    const { card } = outcome;
    assertEquals([card.best.epoch, card.last.epoch], [1, 3]);
    assertEquals(card.warnings.length, 1);
    assert(
      card.warnings[0]!.startsWith("The run diverged: by step 4, in epoch 2"),
    );
    assert(!best.includes(true));
    assertEquals((await loadCheckpoint(`${path}/last.safetensors`)).step, 2);
  }));
