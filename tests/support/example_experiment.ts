// A small experiment with every part that an experiment can have, and a machine.

import type { Environment } from "../../src/runs/environment.ts";
import type { Experiment } from "../../src/config/experiment.ts";

/** TRADES with FRPAT, of a few epochs on shapes. */
export const EXAMPLE: Experiment = {
  name: "shapes-trades-frpat",
  title: "TRADES + FRPAT, ResNet-8 on Shapes",
  seed: 1,
  epochs: 12,
  batchSize: 64,
  data: { dataset: "shapes", train: 1024, test: 512 },
  augmentation: { padding: 4, flip: true },
  student: { network: "resnet8", width: 16 },
  teacher: { network: "resnet8", width: 16 },
  objective: { method: "trades", beta: 6, cleanForwards: 1 },
  regularizers: [{
    method: "frpat",
    weight: { kind: "constant", value: 5 },
    self: "exclude",
    reduction: "sum",
  }],
  attack: {
    method: "pgd",
    norm: "linf",
    epsilon: "0.031",
    stepSize: "0.007",
    steps: 10,
    start: { kind: "gaussian", scale: 0.001 },
    mode: "eval",
  },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 2e-4,
    learningRate: { kind: "step", initial: 0.1, drops: [9, 11], factor: 0.1 },
  },
  weightPerturbation: null,
  recompute: false,
  precision: "f32",
  evaluation: {
    validation: 128,
    every: 1,
    batchSize: 128,
    attacks: {
      pgd20: {
        method: "pgd",
        norm: "linf",
        epsilon: "8/255",
        stepSize: "2/255",
        steps: 20,
        start: { kind: "uniform", clip: true },
      },
    },
  },
  reported: null,
};

/** Where the example might have run. */
export const EXAMPLE_ENVIRONMENT: Environment = {
  deno: "2.9.6",
  v8: "15.0.245.2-rusty",
  platform: "x86_64-unknown-linux-gnu",
  commit: "0123abc",
  shaders: "c",
  adapter: {
    description: "A processor",
    vendor: "",
    architecture: "",
    adapterClass: "software",
    subgroupSize: 0,
    shaderInt64: false,
    features: [],
  },
  limits: { maxBufferSize: 268435456 },
  dataset: { name: "shapes", title: "Shapes", contents: "a", notes: [] },
};
