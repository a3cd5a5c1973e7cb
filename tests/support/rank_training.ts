// TRADES with FRPAT on a small network, by one process or by one of several ranks.

import type { Communicator } from "../../src/base/communicator.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { Device } from "../../src/gpu/device.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { pgd } from "../../src/methods/attacks/pgd.ts";
import { regularized } from "../../src/methods/objective.ts";
import { trades } from "../../src/methods/objectives/trades.ts";
import {
  frpat,
  type FrpatOptions,
} from "../../src/methods/regularizers/frpat.ts";
import { linf } from "../../src/methods/threat_model.ts";
import { BatchNorm2d, Conv2d, Linear, type Mode } from "../../src/nn/layers.ts";
import { materialize } from "../../src/nn/module.ts";
import { Network, type Output } from "../../src/nn/network.ts";
import { globalAveragePool } from "../../src/nn/functional.ts";
import { relu } from "../../src/ops/pointwise.ts";
import { compileStep } from "../../src/step/compiled_step.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { TrainingSession } from "../../src/trainer/session.ts";

/** Two convolutions and a linear layer, with or without batch norm. */
export class Tiny extends Network {
  readonly classes = 10;
  readonly featureSize = 8;
  readonly first: Conv2d = new Conv2d([3, 8], { kernelSize: 3, stride: 2 });
  readonly norm: BatchNorm2d | null;
  readonly second: Conv2d = new Conv2d([8, 8], { kernelSize: 3, stride: 2 });
  readonly linear: Linear = new Linear([8, 10]);

  constructor(withNorm: boolean) {
    super();
    this.norm = withNorm ? new BatchNorm2d(8) : null;
  }

  call(x: Tensor, mode: Mode): Output {
    const y = this.first.call(x);
    const normed = this.norm
      ? this.norm.call(y, { mode, relu: true })
      : relu(y);
    const features = globalAveragePool(relu(this.second.call(normed)));
    return { logits: this.linear.call(features), features };
  }
}

/** How to train. */
export interface RankTraining {
  readonly steps: number;
  readonly batchSize?: number;
  readonly withNorm?: boolean;
  readonly scope?: NonNullable<FrpatOptions["scope"]>;
  readonly perturbed?: boolean;
}

/** The student's weights, and the sums over the epoch, after the steps of one rank. */
export async function trainRank(
  device: Device,
  communicator: Communicator | null,
  { steps, batchSize = 16, withNorm = false, scope, perturbed }: RankTraining,
): Promise<{ weights: Float32Array; sums: Readonly<Record<string, number>> }> {
  const { train: split, shape } = shapes({ train: 56, test: 8 });
  const network = (name: string) =>
    new TrainedNetwork(materialize(new Tiny(withNorm), name));
  const step = compileStep({
    hyperparameters: {
      seed: 5,
      epochs: 20,
      batchSize,
      augmentation: { padding: 2, flip: true },
      optimizer: {
        momentum: 0.9,
        nesterov: false,
        weightDecay: 5e-4,
        learningRate: { kind: "step", initial: 0.005, drops: [], factor: 0.1 },
      },
      recompute: false,
      precision: "f32",
    },
    method: {
      objective: regularized(
        trades({ beta: 6 }),
        frpat({
          weight: { kind: "constant", value: 0.5 },
          ...(scope && { scope }),
        }),
      ),
      attack: pgd({
        threat: linf(8 / 255),
        steps: 3,
        stepSize: 4 / 255,
        start: { kind: "uniform", clip: true },
      }),
      attackMode: "eval",
      weightPerturbation: perturbed
        ? { gamma: 0.005, fromEpoch: 1, cleanForward: false }
        : null,
    },
    student: network("student"),
    teacher: network("teacher"),
  }, { count: split.count, shape, ranks: communicator, ...device.adapter });
  await using session = await TrainingSession.start(device, {
    step,
    split,
    communicator,
  });
  if (communicator === null || communicator.rank === 0) {
    for (let i = 0; i < steps; i++) await session.runStepInTurns(i);
  } else {
    for (let order; (order = await session.ranks!.follow(false));) {
      await session.runStepInTurns(order.step);
    }
  }
  const { parameters } = step.student.materialized;
  const [bytes] = await session.memory.read([parameters]);
  return { weights: new Float32Array(bytes!), sums: await session.sums() };
}
