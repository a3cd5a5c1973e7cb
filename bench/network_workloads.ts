// A network's workloads: the forward pass, a training step and an attack, made of
// the same parts as real training and evaluation. Nothing is simplified for the
// clock: the step gathers its batch from bytes, moves the running statistics and
// adds to the epoch's sums, as every step does.

import { buildAttack } from "../src/step/build.ts";
import type { Experiment } from "../src/config/experiment.ts";
import type { Split } from "../src/data/dataset.ts";
import type { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import { crossEntropy } from "../src/nn/losses.ts";
import {
  initialValues,
  materialize,
  type Materialized,
} from "../src/nn/module.ts";
import { subtract } from "../src/ops/pointwise.ts";
import { recipe } from "../src/recipes/mod.ts";
import { compileTraining } from "../src/step/compiled_step.ts";
import { bindTensor, BoundWorkload, type Contents } from "./bound_workload.ts";
import { ATTACK, network, networkInputs, STEP } from "./inputs.ts";

const SHAPE = { channels: 3, height: STEP.side, width: STEP.side } as const;

/** The experiment whose step is timed. */
export const EXPERIMENT: Experiment = {
  ...recipe("shapes/standard"),
  name: "benchmark",
  title: "A standard training step of ResNet-8",
  seed: STEP.seed,
  batchSize: STEP.batch,
  augmentation: { padding: 0, flip: false },
  student: { network: "resnet8", width: STEP.width },
  optimizer: {
    momentum: STEP.momentum,
    nesterov: false,
    weightDecay: STEP.weightDecay,
    learningRate: { kind: "cosine", initial: STEP.learningRate },
  },
};

/** Binds a training step of ResNet-8; the answer is the loss of the first one. */
export function bindStep(device: Device): Promise<BoundWorkload> {
  const { bytes, labels } = networkInputs();
  const split = { images: bytes, labels, count: STEP.batch };
  return bindTraining(device, EXPERIMENT, split);
}

/**
 * Binds an experiment's training step on a split of one batch; the answer is the
 * first term of the first step's loss.
 */
export function bindTraining(
  device: Device,
  experiment: Experiment,
  split: Split,
): Promise<BoundWorkload> {
  const step = compileTraining(experiment, {
    count: split.count,
    shape: SHAPE,
    classes: STEP.classes,
    ...device.adapter,
  });
  const { programs, student, teacher, data, controls, sums } = step;
  const memory = new Memory(device);
  initialize(memory, student.materialized);
  if (teacher) initialize(memory, teacher.materialized);
  data.upload(memory, split);
  controls.write(memory, {
    step: 0,
    position: 0,
    epoch: 1,
    learningRate: STEP.learningRate,
  });
  return BoundWorkload.bind(programs.full, memory, async () => {
    const [read] = await memory.read([sums.variable]);
    return Object.values(sums.decode(read!))[0]! / split.count;
  });
}

/** Binds a forward pass in eval mode; the answer is the logits' mean magnitude. */
export function bindForward(device: Device): Promise<BoundWorkload> {
  return bindEvaluation(
    device,
    "forward pass",
    ({ images, logits }) => logits(images),
  );
}

/** Binds PGD in eval mode; the answer is the perturbation's mean magnitude. */
export function bindAttack(device: Device): Promise<BoundWorkload> {
  const attack = buildAttack({
    method: "pgd",
    norm: "linf",
    ...ATTACK,
    start: { kind: "clean" },
  });
  return bindEvaluation(
    device,
    attack.name,
    ({ images, labels, logits, step }) => {
      const adversarial = attack.maximize(
        (images) => crossEntropy(logits(images), labels),
        {
          images,
          labels,
          logits,
          random: { seed: STEP.seed, stream: "attack", step },
        },
      );
      return subtract(adversarial, images);
    },
  );
}

interface EvaluationValues {
  readonly images: Tensor;
  readonly labels: Tensor;
  readonly step: Tensor;
  readonly logits: (images: Tensor) => Tensor;
}

function bindEvaluation(
  device: Device,
  name: string,
  trace: (values: EvaluationValues) => Tensor,
): Promise<BoundWorkload> {
  const { batch, side, seed } = STEP;
  const inputs = networkInputs();
  const materialized = materialize(network(), "student");
  const images = new Variable("images", [batch, side, side, 3]);
  const labels = new Variable("labels", [batch], "u32");
  const step = new Variable("step", [], "u32");
  const state: Contents = flatsOf(materialized).map((flat) => [
    flat,
    initialValues(materialized, { flat, seed }),
  ]);
  return bindTensor(device, {
    name,
    contents: [
      ...state,
      [images, inputs.images],
      [labels, Uint32Array.from(inputs.labels)],
    ],
    trace: (graph) =>
      trace({
        images: graph.read(images),
        labels: graph.read(labels),
        step: graph.read(step),
        logits: (x) => materialized.module.call(x, "eval").logits,
      }),
  });
}

function initialize(memory: Memory, materialized: Materialized): void {
  for (const flat of flatsOf(materialized)) {
    const values = initialValues(materialized, { flat, seed: STEP.seed });
    memory.write(flat, values);
  }
}

function flatsOf({ parameters, buffers }: Materialized): Variable[] {
  return buffers ? [parameters, buffers] : [parameters];
}
