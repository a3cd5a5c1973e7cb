// Whole runs, small: TRADES with both networks, regularizers of which two are of
// one kind and two keep state, an epoch that does not divide evenly, and everything
// that may interrupt it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { loadCheckpoint } from "../../src/runs/checkpoint.ts";
import { shapes } from "../../src/data/shapes.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import type { AttackConfig, Experiment } from "../../src/config/experiment.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import { comparableLines, readLog } from "../../src/runs/run_log.ts";
import {
  train,
  type TrainingEvent,
  type TrainingOutcome,
} from "../../src/trainer/trainer.ts";
import { testDevice } from "../support/check_op.ts";

const attack: AttackConfig = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "4/255",
  steps: 2,
  start: { kind: "gaussian", scale: 0.001 },
};

const contrast = {
  weight: { kind: "constant", value: 0.5 },
  negatives: 12,
  temperature: 0.1,
  momentum: 0.5,
} as const;

const experiment: Experiment = {
  name: "test/trades-frpat",
  title: "A run of seconds",
  seed: 3,
  epochs: 2,
  batchSize: 32,
  data: { dataset: "shapes", train: 112, test: 40 },
  augmentation: { padding: 4, flip: true },
  student: { network: "resnet8", width: 4 },
  teacher: { network: "resnet8", width: 4 },
  objective: { method: "trades", beta: 6, cleanForwards: 2 },
  regularizers: [
    {
      method: "frpat",
      weight: { kind: "ramp", value: 20, over: 100 },
      self: "exclude",
      reduction: "sum",
    },
    {
      method: "frpat",
      weight: { kind: "constant", value: 1 },
      self: "zero",
      reduction: "mean",
    },
    { method: "crd", dimension: 8, ...contrast },
    { method: "mca", ...contrast },
  ],
  attack: { ...attack, mode: "eval" },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 2e-4,
    learningRate: { kind: "step", initial: 0.05, drops: [2], factor: 0.1 },
  },
  weightPerturbation: null,
  recompute: false,
  precision: "f32",
  evaluation: {
    validation: 16,
    every: 1,
    batchSize: 16,
    attacks: {
      "pgd-2": { ...attack, start: { kind: "uniform", clip: false } },
    },
  },
  reported: null,
};
const dataset = shapes({ seed: 1, train: 112, test: 40 });
// 96 images at 32 are 3 steps an epoch; with 100 there is a rest of 4.
const uneven = {
  ...experiment,
  evaluation: { ...experiment.evaluation, validation: 12 },
};

interface Options {
  readonly resume?: boolean;
  readonly stopAt?: (event: TrainingEvent) => boolean;
  readonly experiment?: Experiment;
}

async function run(
  path: string,
  options: Options = {},
): Promise<TrainingOutcome> {
  const device = await testDevice();
  const { resume = false, stopAt, experiment: chosen = uneven } = options;
  const environment = await describeEnvironment({
    device,
    dataset,
    commit: null,
  });
  using folder = resume
    ? await RunFolder.resume(path)
    : await RunFolder.create(path, { experiment: chosen, environment });
  const stop = new AbortController();
  return await train({
    device,
    experiment: chosen,
    dataset,
    folder,
    resume,
    signal: stop.signal,
    onEvent: (event) => stopAt?.(event) && stop.abort(),
  });
}

/** What two equal runs have in common: all but times. */
async function contents(path: string) {
  const { tensors, metrics, step, epoch } = await loadCheckpoint(
    join(path, "last.safetensors"),
  );
  const log = comparableLines(await readLog(join(path, "log.jsonl")));
  return { tensors, metrics, step, epoch, log };
}

Deno.test("train() gives equal bytes for equal seeds, and other ones for others", async () => {
  const folder = await Deno.makeTempDir();
  const paths = ["a", "b", "c"].map((name) => join(folder, name));
  const first = await run(paths[0]!);
  assert(first.finished);
  await run(paths[1]!);
  await run(paths[2]!, { experiment: { ...uneven, seed: 4 } });
  const [a, b, c] = await Promise.all(paths.map(contents));
  assertEquals(a, b);
  assertEquals(await checkpoints(paths[0]!), await checkpoints(paths[1]!));
  const weight = (run: typeof a) =>
    run!.tensors.student!.get("conv1.weight")!.data;
  assert(weight(a).some((value, i) => value !== weight(c)[i]));
  await Deno.remove(folder, { recursive: true });
});

/** The bytes of a run's checkpoints. */
function checkpoints(path: string): Promise<Uint8Array[]> {
  const names = ["last.safetensors", "best.safetensors"];
  return Promise.all(names.map((name) => Deno.readFile(join(path, name))));
}

Deno.test("train() resumes bit by bit after a stop at any step", async () => {
  const folder = await Deno.makeTempDir();
  const whole = join(folder, "whole");
  const events: TrainingEvent[] = [];
  await run(whole, { stopAt: (event) => (events.push(event), false) });
  const expected = await contents(whole);

  // Stop as soon as the first step is done, then after the first epoch.
  const stopped = join(folder, "stopped");
  const early = await run(stopped, { stopAt: ({ kind }) => kind === "start" });
  assertEquals(early, { finished: false, step: 1 });
  const later = await run(stopped, {
    resume: true,
    stopAt: ({ kind }) => kind === "epoch",
  });
  assertEquals(later, { finished: false, step: 4 });
  assertEquals((await run(stopped, { resume: true })).finished, true);
  assertEquals(await contents(stopped), expected);
  assertEquals(await checkpoints(stopped), await checkpoints(whole));
  await checkSeconds(join(stopped, "log.jsonl"));

  // A finished run of fewer epochs that is given more.
  const extended = join(folder, "extended");
  await run(extended, { experiment: { ...uneven, epochs: 1 } });
  {
    using short = await RunFolder.resume(extended);
    await short.extend(uneven, { card: join(extended, "card-epochs1.json") });
  }
  assertEquals((await run(extended, { resume: true })).finished, true);
  assertEquals(await contents(extended), expected);
  const [last] = await checkpoints(extended);
  assertEquals(last, (await checkpoints(whole))[0]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("train() logs the same after being killed, before its first checkpoint or during its last evaluations", async () => {
  const folder = await Deno.makeTempDir();
  const whole = join(folder, "whole"), killed = join(folder, "killed");
  assert((await run(whole)).finished);
  let evaluations = 0;
  const places: readonly ((event: TrainingEvent) => boolean)[] = [
    ({ kind }) => kind === "start",
    (event) =>
      event.kind === "evaluation" && event.split === "test" &&
      ++evaluations === 2,
  ];
  for (const [i, isPlace] of places.entries()) {
    // Nothing is saved where an error ends training.
    const kill = (event: TrainingEvent): boolean => {
      if (isPlace(event)) throw new Error("killed");
      return false;
    };
    await assertRejects(
      () => run(killed, { resume: i > 0, stopAt: kill }),
      Error,
      "killed",
    );
  }
  assert((await run(killed, { resume: true })).finished);
  assertEquals(await contents(killed), await contents(whole));
  assertEquals(await checkpoints(killed), await checkpoints(whole));
  await Deno.remove(folder, { recursive: true });
});

/** The time so far grows from one checkpoint to the next, over every stop. */
async function checkSeconds(log: string): Promise<void> {
  const saved = (await readLog(log)).filter((line) => line.kind === "saved");
  assertEquals(saved.map(({ step }) => step), [1, 4, 4, 8]);
  const seconds = saved.map(({ seconds }) => seconds);
  assertEquals(seconds, seconds.toSorted((a, b) => a - b));
}

Deno.test("train() reports both networks at the best and the last epoch", async () => {
  const folder = await Deno.makeTempDir();
  const outcome = await run(join(folder, "run"));
  assert(outcome.finished);
  const { best, last, student, teacher } = outcome.card;
  assertEquals(last.epoch, 2);
  assert(best.epoch >= 1 && best.epoch <= 2);
  for (
    const result of [best.student, last.student, best.teacher!, last.teacher!]
  ) {
    assertEquals(result.count, 40);
    const accuracy = result.attacks["pgd-2"]!.accuracy;
    assert(result.clean >= 0 && result.clean <= 100);
    assert(accuracy <= result.clean + 10, "an attack does not help");
  }
  assertEquals(student.parameters, teacher!.parameters);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("train() refuses a split without images to train on", async () => {
  const folder = await Deno.makeTempDir();
  const evaluation = { ...experiment.evaluation, validation: 112 };
  await assertRejects(
    () =>
      run(join(folder, "run"), { experiment: { ...experiment, evaluation } }),
    RangeError,
    "Cannot hold out images",
  );
  await Deno.remove(folder, { recursive: true });
});
