// What the field trains with, in whole sessions: a run that goes on from a file has the bytes
// of one that never stopped, with AdamW and its moments, averages of weights, smoothed labels
// and Cutout; and averages hold what their definitions say of the student's weights.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { shapes } from "../../src/data/shapes.ts";
import { checkpointNetworks } from "../../src/evaluation/checkpoint_networks.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/runs/checkpoint.ts";
import { describeEnvironment } from "../../src/runs/environment.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import { train, type TrainingEvent } from "../../src/trainer/trainer.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const SHAPE = { channels: 3, height: 8, width: 8 } as const;
const CLASS_NAMES = ["a", "b", "c"];
/** Images whose brightness says their class; an epoch is 4 + 4 + 2 of them. */
const SPLIT = {
  count: 10,
  images: Uint8Array.from(
    { length: 10 * 192 },
    (_, i) => (37 * i * i + 11 * i) % 120 + 60 * (Math.floor(i / 192) % 3),
  ),
  labels: Uint8Array.from({ length: 10 }, (_, i) => i % 3),
};
const TINY = { network: "resnet8", width: 2 } as const;

const PLAIN: Experiment = {
  ...EXAMPLE,
  epochs: 2,
  batchSize: 4,
  student: TINY,
  teacher: null,
  objective: { method: "standard" },
  attack: null,
  regularizers: [],
};
const ADAMW: Experiment = {
  ...PLAIN,
  augmentation: { padding: 1, flip: true, cutout: 3 },
  labelSmoothing: 0.1,
  optimizer: {
    kind: "adamw",
    weightDecay: 0.05,
    decay: "weights",
    learningRate: { kind: "cosine", initial: 0.01 },
  },
  teacher: TINY,
  objective: { method: "lbgat", base: { kind: "none" }, detach: false },
  attack: EXAMPLE.attack,
  averaging: { kind: "ema", decay: 0.5 },
};
const SWA: Experiment = { ...PLAIN, averaging: { kind: "swa", fromEpoch: 2 } };

type State = Pick<Checkpoint, "tensors" | "metrics">;

/** What a session holds after each of some steps; it goes on from a state, if given. */
async function trained(
  experiment: Experiment,
  { to, from }: {
    readonly to: number;
    readonly from?: { readonly step: number; readonly state: State };
  },
): Promise<State[]> {
  checkExperiment(experiment);
  await using session = await TrainingSession.open(await testDevice(), {
    experiment,
    dataset: { shape: SHAPE, classNames: CLASS_NAMES },
    split: SPLIT,
  });
  if (from) session.restore(from.state, "the state");
  const states: State[] = [];
  for (let step = from?.step ?? 0; step < to; step++) {
    session.runStep(step);
    if ((step + 1) % session.stepsPerEpoch === 0) await session.finishAverage();
    states.push(await session.save());
  }
  return states;
}

function bytesOf(
  experiment: Experiment,
  state: State,
): Uint8Array<ArrayBuffer> {
  return encodeCheckpoint({ ...state, step: 0, epoch: 0, experiment });
}

for (const [name, experiment] of Object.entries({ ADAMW, SWA })) {
  Deno.test(`a run that goes on has the bytes of one that never stopped: ${name}`, async () => {
    const whole = await trained(experiment, { to: 6 });
    for (const step of [2, 5]) {
      const bytes = bytesOf(experiment, whole[step - 1]!);
      const from = { step, state: decodeCheckpoint(bytes, "the checkpoint") };
      const rest = await trained(experiment, { to: 6, from });
      assertEquals(
        bytesOf(experiment, rest.at(-1)!),
        bytesOf(experiment, whole.at(-1)!),
      );
    }
  });
}

Deno.test("AdamW keeps both moments of student and teacher", async () => {
  const [state] = await trained(ADAMW, { to: 1 });
  for (const network of ["student", "teacher"] as const) {
    const { data: moments } = state!.tensors[`velocity.${network}`]!
      .get("linear.weight")!;
    const { data: squares } = state!.tensors[`squares.${network}`]!
      .get("linear.weight")!;
    assert(moments.some((moment) => moment !== 0));
    // After one step these are 0.1 g and 0.001 g².
    moments.forEach((moment, i) =>
      assertAlmostEquals(squares[i]!, 0.1 * moment ** 2, 1e-7)
    );
  }
});

Deno.test("the average is the student's after a step, then follows it", async () => {
  const states = await trained(ADAMW, { to: 3 });
  const [first, second, third] = states.map(({ tensors }) => ({
    student: tensors.student!.get("linear.weight")!.data,
    average: tensors.average!.get("linear.weight")!.data,
    mean: tensors.student!.get("bn1.running_mean")!.data,
    averageMean: tensors.average!.get("bn1.running_mean")!.data,
  }));
  assertEquals(first!.average, first!.student);
  assertEquals(third!.averageMean, third!.mean);
  third!.average.forEach((value, i) => {
    const before = (first!.student[i]! + second!.student[i]!) / 2;
    assertAlmostEquals(value, (before + third!.student[i]!) / 2, 1e-6);
  });
});

Deno.test("SWA begins with its epoch, and has running statistics of its own", async () => {
  const states = await trained(SWA, { to: 6 });
  assertEquals(
    states.map(({ tensors }) => tensors.average !== undefined),
    [false, false, false, false, false, true],
  );
  const { tensors } = states.at(-1)!;
  const both = (name: string) =>
    [tensors.student!, tensors.average!].map((one) => one.get(name)!.data);
  const [weight, averageWeight] = both("linear.weight");
  assertEquals(averageWeight, weight);
  const [mean, averageMean] = both("bn1.running_mean");
  assert(averageMean!.every((value, i) => value !== mean![i]));
  const checkpoint = { tensors, metrics: {}, step: 6, epoch: 2 };
  const dataset = { classNames: CLASS_NAMES } as never;
  const names = checkpointNetworks(
    { ...checkpoint, experiment: SWA },
    { dataset, source: "the checkpoint" },
  ).map(({ name }) => name);
  assertEquals(names, ["student", "average"]);
});

Deno.test("a run measures the average beside the student, in epochs and on its card", async () => {
  const folder = await Deno.makeTempDir();
  const device = await testDevice();
  const dataset = shapes({ seed: 1, train: 24, test: 8 });
  const experiment: Experiment = {
    ...SWA,
    data: { dataset: "shapes", train: 24, test: 8 },
    batchSize: 16,
    epochs: 3,
    evaluation: { ...SWA.evaluation, validation: 8, every: 1 },
  };
  const environment = await describeEnvironment({
    device,
    dataset,
    commit: null,
  });
  const start = async (
    { path, resume = false, stopAt }: {
      readonly path: string;
      readonly resume?: boolean;
      readonly stopAt?: (event: TrainingEvent) => boolean;
    },
  ) => {
    using run = resume
      ? await RunFolder.resume(path)
      : await RunFolder.create(path, { experiment, environment });
    const stop = new AbortController();
    const { signal } = stop;
    const onEvent = (event: TrainingEvent) => {
      if (stopAt?.(event)) stop.abort();
    };
    const options = { device, dataset, experiment, signal, onEvent, resume };
    return await train({ ...options, folder: run });
  };
  const [whole, stopped] = [`${folder}/whole`, `${folder}/stopped`];
  const found: string[] = [];
  await start({
    path: whole,
    stopAt(event) {
      if (event.kind !== "evaluation") return false;
      const { epoch, network, split } = event;
      found.push(`${epoch} ${network} ${split}`);
      assert(network === "student" || !event.best);
      return false;
    },
  });
  assertEquals(found.filter((one) => one.endsWith("validation")), [
    "1 student validation",
    "2 student validation",
    "2 average validation",
    "3 student validation",
    "3 average validation",
  ]);
  await start({
    path: stopped,
    stopAt: ({ kind, ...event }) =>
      kind === "evaluating" && "network" in event &&
      event.network === "average",
  });
  await start({ path: stopped, resume: true });
  const [one, other] = await Promise.all(
    [whole, stopped].map((path) => Deno.readFile(`${path}/last.safetensors`)),
  );
  assertEquals(other, one);
  using run = await RunFolder.open(stopped);
  const { best, last } = (await run.readCard())!;
  assertEquals(last.average!.count, 8);
  assertEquals(best.average !== undefined, best.epoch > 1);
  await Deno.remove(folder, { recursive: true });
});
