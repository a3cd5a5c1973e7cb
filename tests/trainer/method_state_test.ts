// What a method keeps from step to step, through sessions and the library: a method
// of this test's own has a module of every kind.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { constant } from "../../src/nn/initializers.ts";
import { Linear } from "../../src/nn/layers.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { Buffer, materialize, Module, Parameter } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { regularized } from "../../src/methods/objective.ts";
import type { Regularizer } from "../../src/methods/regularizer.ts";
import type { MethodSetting, Stateful } from "../../src/methods/stateful.ts";
import { standard } from "../../src/methods/objectives/standard.ts";
import { fill } from "../../src/ops/fill.ts";
import { addScalar, mulScalar } from "../../src/ops/pointwise.ts";
import { mean, sum } from "../../src/ops/reduce/reduce.ts";
import { store } from "../../src/ops/store.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/runs/checkpoint.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { compileStep } from "../../src/step/compiled_step.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

/** A classifier of the student's features, which learns beside it. */
class Probe extends Module {
  readonly linear: Linear;

  constructor({ featureSize, classes }: MethodSetting) {
    super();
    this.linear = new Linear([featureSize.student, classes]);
  }
}

/** A number that descends a loss of its own. */
class Apart extends Module {
  readonly value: Parameter = new Parameter("value", [3], constant(1));
}

/** Numbers that are counted up, one for each place that an image can have. */
class Count extends Module {
  readonly steps: Buffer = new Buffer("steps", [1], constant(0));
  readonly grid: Buffer;

  constructor({ images }: MethodSetting) {
    super();
    this.grid = new Buffer("grid", [images, 2], constant(0.5));
  }
}

/** A regularizer that changes all it keeps in every step. */
function keeping(weight = 1): Stateful<Regularizer> {
  const create = (setting: MethodSetting): Regularizer => {
    const probe = new Probe(setting);
    const apart = new Apart();
    const count = new Count(setting);
    return {
      name: "keeping",
      modules: { probe, apart, count },
      term({ clean: { features }, labels }, hooks) {
        const { graph } = features;
        const logits = probe.linear.call(features);
        hooks.auxiliaryLoss(apart, {
          loss: sum(graph.read(apart.value)),
          learningRate: fill(graph, { shape: [], value: 0.25 }),
          optimizer: { momentum: 0, nesterov: false, weightDecay: 0 },
        });
        hooks.afterStep(() => {
          store(addScalar(graph.read(count.steps), 1), count.steps);
          store(addScalar(graph.read(count.grid), 2), count.grid);
        });
        return mulScalar(mean(crossEntropy(logits, labels)), weight);
      },
    };
  };
  return { name: "keeping", create };
}

const experiment: Experiment = {
  ...EXAMPLE,
  batchSize: 16,
  data: { dataset: "shapes", train: 40, test: 8 },
};
const dataset = shapes({ seed: 1, train: 40, test: 8 });

async function open(
  ...regularizers: readonly Stateful<Regularizer>[]
): Promise<TrainingSession> {
  const device = await testDevice();
  const split = dataset.train;
  const student = materialize(resnet8({ classes: 10, width: 4 }), "student");
  const step = compileStep({
    hyperparameters: experiment,
    method: {
      objective: regularized(standard(), ...regularizers),
      attack: null,
      attackMode: "eval",
      weightPerturbation: null,
    },
    student: new TrainedNetwork(student),
    teacher: null,
  }, { count: split.count, shape: dataset.shape, ...device.adapter });
  return await TrainingSession.start(device, { step, split });
}

/** A session's state as it would be in a file. */
async function saved(session: TrainingSession, step: number) {
  const state = await session.save();
  const checkpoint: Checkpoint = { ...state, step, epoch: 0, experiment };
  return decodeCheckpoint(encodeCheckpoint(checkpoint), "a test");
}

Deno.test("a method's state is initialized, moves in every step, and is saved", async () => {
  await using session = await open(keeping());
  const before = await saved(session, 0);
  for (let step = 0; step < 4; step++) session.runStep(step);
  const after = await saved(session, 4);
  const tensor = ({ tensors }: Checkpoint, name: string) =>
    tensors.method!.get(`keeping.${name}`)!;
  assertEquals([...after.tensors.method!.keys()], [
    "keeping.probe.linear.weight",
    "keeping.probe.linear.bias",
    "keeping.apart.value",
    "keeping.count.steps",
    "keeping.count.grid",
  ]);
  const weights = [before, after].map((at) =>
    tensor(at, "probe.linear.weight").data
  );
  assert(weights[0]!.some((w) => w !== 0), "weights begin at draws");
  assert(weights[1]!.every((w, i) => w !== weights[0]![i]), "and learn");
  assertEquals([...tensor(after, "apart.value").data], [0, 0, 0]);
  assertEquals([...tensor(after, "count.steps").data], [4]);
  const grid = tensor(after, "count.grid");
  assertEquals(grid.shape, [40, 2]);
  assert(grid.data.every((value) => value === 8.5));
  const moving = after.tensors["velocity.method"]!;
  assert(moving.get("keeping.probe.linear.weight")!.data.some((v) => v !== 0));
});

Deno.test("a session goes on bit by bit with a method's state", async () => {
  await using whole = await open(keeping());
  for (let step = 0; step < 5; step++) whole.runStep(step);
  const expected = await saved(whole, 5);
  await using first = await open(keeping());
  for (let step = 0; step < 3; step++) first.runStep(step);
  await using second = await open(keeping());
  second.restore(await saved(first, 3), "a test");
  for (let step = 3; step < 5; step++) second.runStep(step);
  const { tensors } = await saved(second, 5);
  assertEquals(tensors, expected.tensors);
});

Deno.test("a checkpoint without a method's state is refused", async () => {
  await using plain = await open();
  await using session = await open(keeping());
  const state = await saved(plain, 0);
  assertThrows(
    () => session.restore(state, "other.safetensors"),
    UserError,
    "Cannot load other.safetensors: expected the 2 tensors of the keeping.probe",
  );
});

Deno.test("two regularizers of one kind keep states of their own", async () => {
  await using session = await open(keeping(1), keeping(0));
  const before = await saved(session, 0);
  session.runStep(0);
  const { tensors, metrics } = await saved(session, 1);
  assert("sum of keeping" in metrics && "sum of keeping 2" in metrics);
  assert(metrics["sum of keeping"]! > 0);
  assertEquals(metrics["sum of keeping 2"], 0);
  // Weight decay alone moves what the second one's loss has no weight for.
  const name = "keeping 2.probe.linear.bias";
  const start = before.tensors.method!.get(name)!.data;
  const { optimizer } = experiment;
  const rate = session.learningRate(0) * optimizer.weightDecay;
  tensors.method!.get(name)!.data.forEach((value, i) =>
    assert(Math.abs(value - start[i]! * (1 - rate)) < 1e-7)
  );
});

Deno.test("an auxiliary loss of a module that is not the method's is refused", () => {
  const wrong: Regularizer = {
    name: "wrong",
    term(views, hooks) {
      const { graph } = views.clean.logits;
      hooks.auxiliaryLoss(new Apart(), {
        loss: fill(graph, { shape: [], value: 0 }),
        learningRate: fill(graph, { shape: [], value: 0 }),
        optimizer: { momentum: 0, nesterov: false, weightDecay: 0 },
      });
      return fill(graph, { shape: [], value: 0 });
    },
  };
  const student = materialize(resnet8({ classes: 10, width: 4 }), "student");
  assertThrows(
    () =>
      compileStep({
        hyperparameters: experiment,
        method: {
          objective: regularized(standard(), wrong),
          attack: null,
          attackMode: "eval",
          weightPerturbation: null,
        },
        student: new TrainedNetwork(student),
        teacher: null,
      }, { count: 40, shape: dataset.shape, adapterClass: "software" }),
    TypeError,
    "expected one of the method's modules (there are none)",
  );
});
