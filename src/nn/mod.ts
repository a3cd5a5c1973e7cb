// Modules, layers and the networks of the literature: the public part of this folder.

export type { RandomKey } from "../ops/random/random.ts";
export type { Operand } from "../graph/graph.ts";
export type {
  DType,
  Shape,
  Tensor,
  TensorType,
  Variable,
} from "../graph/tensor.ts";
export type { Activation } from "./activation.ts";
export { resnet50 } from "./bottleneck_resnet.ts";
export {
  deepMindPreActResNet18,
  type DeepMindPreActResNetOptions,
} from "./deepmind_preact_resnet.ts";
export {
  deepMindWideResNet,
  type DeepMindWideResNetOptions,
} from "./deepmind_wide_resnet.ts";
export {
  constant,
  fanInUniform,
  fanOutNormal,
  type Initializer,
} from "./initializers.ts";
export {
  BatchNorm2d,
  Conv2d,
  type Conv2dOptions,
  convNorm,
  Linear,
  type LinearOptions,
  type Mode,
  type NormalizationOptions,
  type ResidualOptions,
} from "./layers.ts";
export {
  Dropout,
  type DropoutPass,
  GroupNorm,
  LayerNorm,
} from "./more_layers.ts";
export {
  Buffer,
  countParameters,
  Module,
  ModuleVariable,
  Parameter,
} from "./module.ts";
export { Network, type Output } from "./network.ts";
export {
  preActResNet18,
  type PreActResNetOptions,
  type PreActShortcut,
} from "./preact_resnet.ts";
export { resnet18, resnet18Lbgat, resnet8 } from "./resnet.ts";
export { wideResNet, type WideResNetOptions } from "./wide_resnet.ts";
