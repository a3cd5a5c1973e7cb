/**
 * Adversarial training on any GPU that WebGPU reaches: networks, training methods
 * and attacks for image classifiers, in memory, from arrays to arrays.
 *
 * ```ts
 * import * as frpat from "@frpat/trainer";
 *
 * const { attacks, data, nn, objectives } = frpat;
 * const { shape, train, test } = data.shapes({ train: 64, test: 32 });
 * const build = () => nn.resnet8({ classes: 10, width: 4 });
 *
 * using device = await frpat.Device.open();
 * using model = new frpat.Classifier(device, { network: build(), ...shape });
 * const attack = attacks.pgd({
 *   threat: attacks.linf(8 / 255),
 *   steps: 3,
 *   stepSize: 4 / 255,
 *   start: { kind: "uniform", clip: true },
 * });
 *
 * // Vanilla adversarial training with FRPAT, which looks at a standard network.
 * const relation = objectives.frpat({ weight: { kind: "constant", value: 5 } });
 * await model.fit(train, {
 *   objective: objectives.regularized(objectives.vanillaAt(), relation),
 *   attack,
 *   teacher: build(),
 *   epochs: 1,
 *   batchSize: 32,
 *   augmentation: { padding: 2, flip: true },
 *   onEpoch: ({ terms }) => console.log(terms),
 * });
 *
 * const images = await model.attack(test, attack); // (32, 32, 32, 3) in [0, 1]
 * const clean = await model.accuracy(test);
 * const robust = await model.accuracy({ images, labels: test.labels });
 * console.log({ clean, robust });
 * ```
 *
 * A setting, a file or a machine that is not as it has to be is a `UserError`, whose
 * message says all; a wrong call is a `TypeError` or a `RangeError`.
 *
 * The names that end in `Options` say what can be chosen. Each of the six
 * namespaces is also an entry point, such as `@frpat/trainer/nn`, where its
 * contents are documented: what methods of one's own are written with is in
 * `@frpat/trainer/objectives`.
 *
 * @module
 */

export type { Attack, AttackInputs } from "./src/methods/attack.ts";
export { Classifier } from "./src/library/classifier.ts";
export type {
  AttackOptions,
  ClassifierOptions,
} from "./src/library/classifier_options.ts";
export type {
  AutoAttackRequest,
  AutoAttackResult,
} from "./src/library/auto_attack.ts";
export type { ImageShape, Split } from "./src/data/dataset.ts";
export type { LabeledImages } from "./src/data/float_images.ts";
export type { OptimizerConfig } from "./src/config/experiment.ts";
export type { FitOptions } from "./src/library/fit_options.ts";
export type { SoftLabeledImages } from "./src/library/training_split.ts";
export { UserError } from "./src/base/errors.ts";
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
export type { Objective } from "./src/methods/objective.ts";
export type { Views } from "./src/methods/views.ts";
export type { RandomKey } from "./src/ops/random/random.ts";
export type { LearningRateSchedule } from "./src/config/optimizer.ts";
export type { RunningMeans } from "./src/trainer/events.ts";
/** Ways to find adversarial images. */
export * as attacks from "./src/methods/attacks/mod.ts";
/** Images with labels, from arrays, files or a seed. */
export * as data from "./src/data/mod.ts";
/** Experiments as plain data, and the objects that become of them. */
export * as experiments from "./src/library/experiments.ts";
/** The functions that networks, objectives and attacks are written with. */
export * as functional from "./src/nn/functional.ts";
/** What networks are made of, and the networks of the literature. */
export * as nn from "./src/nn/mod.ts";
/** Training methods and regularizers. */
export * as objectives from "./src/methods/objectives/mod.ts";
