// Every architecture with what the literature says of its size: parameters for 10,
// 100 and 200 classes, and multiply-adds of convolutions and the linear layer for
// one 32x32 image, in units of 10^9.

import { resnet50 } from "../../src/nn/bottleneck_resnet.ts";
import { deepMindPreActResNet18 } from "../../src/nn/deepmind_preact_resnet.ts";
import { deepMindWideResNet } from "../../src/nn/deepmind_wide_resnet.ts";
import type { Network } from "../../src/nn/network.ts";
import { preActResNet18 } from "../../src/nn/preact_resnet.ts";
import { resnet18, resnet18Lbgat } from "../../src/nn/resnet.ts";
import { WideResNet } from "../../src/nn/wide_resnet.ts";

/** An architecture and its published sizes. */
export interface Architecture {
  readonly name: string;
  readonly build: (classes: number) => Network;
  readonly parameters: Readonly<Record<number, number>>;
  readonly multiplyAdds: number;
}

/** The architecture WRN-depth-width. */
function wide(
  [depth, width]: readonly [number, number],
  sizes: Pick<Architecture, "parameters" | "multiplyAdds">,
): Architecture {
  return {
    name: `WRN-${depth}-${width}`,
    build: (classes) => new WideResNet({ classes, depth, width }),
    ...sizes,
  };
}

/** The networks of the robustness literature. */
export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: "ResNet-18",
    build: (classes) => resnet18({ classes }),
    parameters: { 10: 11_173_962, 100: 11_220_132, 200: 11_271_432 },
    multiplyAdds: 0.5554,
  },
  {
    name: "LBGAT's ResNet-18",
    build: (classes) => resnet18Lbgat({ classes }),
    parameters: { 10: 11_173_962, 100: 11_220_132, 200: 11_271_432 },
    multiplyAdds: 1.7634,
  },
  {
    name: "PreActResNet-18",
    build: (classes) => preActResNet18({ classes }),
    parameters: { 10: 11_172_170, 100: 11_218_340 },
    multiplyAdds: 0.5554,
  },
  // The sizes of those of DeepMind and of ResNet-50 were counted in PyTorch, by
  // tests/fixtures/list_networks.py.
  {
    name: "PreActResNet-18 without its last normalization",
    build: (classes) => preActResNet18({ classes, finalNorm: false }),
    parameters: { 10: 11_171_146, 100: 11_217_316 },
    multiplyAdds: 0.5554,
  },
  {
    name: "DeepMind's PreActResNet-18",
    build: (classes) => deepMindPreActResNet18({ classes, activation: "silu" }),
    parameters: { 10: 12_548_426, 100: 12_594_596 },
    multiplyAdds: 0.6058,
  },
  {
    name: "ResNet-50",
    build: (classes) => resnet50({ classes }),
    parameters: { 10: 23_520_842, 100: 23_705_252 },
    multiplyAdds: 1.2978,
  },
  {
    name: "DeepMind's WRN-28-10",
    build: (classes) =>
      deepMindWideResNet({ classes, depth: 28, width: 10, activation: "silu" }),
    parameters: { 10: 36_479_194, 100: 36_536_884 },
    multiplyAdds: 5.2433,
  },
  {
    name: "DeepMind's WRN-70-16",
    build: (classes) =>
      deepMindWideResNet({ classes, depth: 70, width: 16, activation: "silu" }),
    parameters: { 10: 266_796_506, 100: 266_888_756 },
    multiplyAdds: 38.7642,
  },
  wide([70, 16], {
    parameters: { 10: 266_796_506, 100: 266_888_756 },
    multiplyAdds: 38.7642,
  }),
  wide([34, 20], {
    parameters: { 10: 184_531_674, 100: 184_646_964 },
    multiplyAdds: 26.5819,
  }),
  // Without the unused second copy of the first group (48,262,586 with it).
  wide([34, 10], {
    parameters: { 10: 46_160_474, 100: 46_218_164, 200: 46_282_264 },
    multiplyAdds: 6.6589,
  }),
  wide([28, 10], {
    parameters: { 10: 36_479_194, 100: 36_536_884 },
    multiplyAdds: 5.2433,
  }),
  wide([34, 5], {
    parameters: { 10: 11_554_074, 100: 11_582_964 },
    multiplyAdds: 1.6716,
  }),
  wide([28, 4], {
    parameters: { 10: 5_849_050, 100: 5_872_180 },
    multiplyAdds: 0.8456,
  }),
  wide([16, 4], {
    parameters: { 10: 2_748_890, 100: 2_772_020 },
    multiplyAdds: 0.3926,
  }),
  wide([34, 2], {
    parameters: { 10: 1_855_578, 100: 1_867_188 },
    multiplyAdds: 0.2710,
  }),
];
