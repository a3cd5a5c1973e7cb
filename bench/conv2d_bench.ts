// Convolution kernels: W1 to W3, and every shape of ResNet-8 and ResNet-18, in
// all three passes.

import { bindConvolution, type Pass } from "./convolution_workloads.ts";
import { type Convolution, flopsOf } from "./inputs.ts";
import { Suite } from "./suite.ts";
import { KERNELS } from "./workloads.ts";

const suite = await Suite.open();

for (const kernel of KERNELS) suite.add(kernel, { iterations: 7 });

/** C, K, H, R and stride of a network's convolutions. */
const SHAPES: Readonly<
  Record<string, readonly (readonly [number, number, number, number, number])[]>
> = {
  "ResNet-8": [
    [3, 16, 32, 3, 1],
    [16, 16, 32, 3, 1],
    [16, 32, 32, 3, 2],
    [16, 32, 32, 1, 2],
    [32, 32, 16, 3, 1],
    [32, 64, 16, 3, 2],
    [32, 64, 16, 1, 2],
    [64, 64, 8, 3, 1],
  ],
  "ResNet-18": [
    [3, 64, 32, 3, 1],
    [64, 64, 32, 3, 1],
    [64, 128, 32, 3, 2],
    [64, 128, 32, 1, 2],
    [128, 128, 16, 3, 1],
    [128, 256, 16, 3, 2],
    [128, 256, 16, 1, 2],
    [256, 256, 8, 3, 1],
    [256, 512, 8, 3, 2],
    [256, 512, 8, 1, 2],
    [512, 512, 4, 3, 1],
  ],
};

const PASSES: readonly Pass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

// As in the papers on a GPU; few images where a processor computes them.
const gpu = suite.device.adapter.adapterClass === "gpu";
const BATCH: Readonly<Record<string, number>> = gpu
  ? { "ResNet-8": 128, "ResNet-18": 128 }
  : { "ResNet-8": 64, "ResNet-18": 8 };

for (const [network, shapes] of Object.entries(SHAPES)) {
  const N = BATCH[network]!;
  for (const [C, K, H, R, stride] of shapes) {
    const sizes: Convolution = {
      N,
      H,
      C,
      K,
      R,
      stride,
      padding: (R - 1) / 2,
    };
    const shape = `${R}x${R} ${C}->${K}${stride > 1 ? ` /${stride}` : ""}`;
    for (const pass of PASSES) {
      suite.add({
        name: `${network} ${shape} at ${H}x${H}`,
        title: pass,
        flops: flopsOf(sizes),
        bind: (device) => bindConvolution(device, sizes, pass),
      }, { iterations: 3 });
    }
  }
}
