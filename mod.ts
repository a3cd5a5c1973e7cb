/**
 * Adversarial training on any GPU that WebGPU reaches.
 *
 * @module
 */

export type { Attack, AttackInputs } from "./src/attacks/attack.ts";
export {
  type AttackOptions,
  Classifier,
  type ClassifierOptions,
  type FitOptions,
} from "./src/classifier.ts";
export type { ImageShape, Split } from "./src/data/dataset.ts";
export type { LabeledImages } from "./src/data/float_images.ts";
export type { OptimizerConfig } from "./src/experiment.ts";
export {
  type AdapterClass,
  type AdapterDescription,
  Device,
  type DeviceOptions,
  type Target,
} from "./src/gpu/device.ts";
export type { Operand } from "./src/graph/graph.ts";
export type {
  DType,
  Shape,
  Tensor,
  TensorType,
  Variable,
} from "./src/graph/tensor.ts";
export type { Mode } from "./src/nn/layers.ts";
export { Module } from "./src/nn/module.ts";
export { Network, type Output } from "./src/nn/network.ts";
export type { EpochSchedule } from "./src/objectives/epoch_schedule.ts";
export type { Objective, Views } from "./src/objectives/objective.ts";
export type { RandomKey } from "./src/ops/random.ts";
export type { LearningRateSchedule } from "./src/schedule.ts";
export type { RunningMeans } from "./src/training_events.ts";
/** Ways to find adversarial images. */
export * as attacks from "./src/attacks/mod.ts";
/** Images with labels, from arrays, files or a seed. */
export * as data from "./src/data/mod.ts";
/** Experiments as plain data, and the objects that become of them. */
export * as experiments from "./src/experiments.ts";
/** The functions that networks, objectives and attacks are written with. */
export * as functional from "./src/nn/functional.ts";
/** What networks are made of, and the networks of the literature. */
export * as nn from "./src/nn/mod.ts";
/** Training methods and regularizers. */
export * as objectives from "./src/objectives/mod.ts";
