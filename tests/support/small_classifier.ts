// A small classifier on images of 6 x 10, examples that it can learn, and how the tests
// of the library train and attack it.

import * as frpat from "../../mod.ts";
import { testDevice } from "./check_op.ts";

const { attacks, functional, nn, objectives } = frpat;

/** Two layers, with a normalization and its statistics between them. */
export class Small extends frpat.Network {
  readonly classes: number;
  readonly featureSize = 8;
  readonly conv: InstanceType<typeof nn.Conv2d> = new nn.Conv2d([3, 8], {
    kernelSize: 3,
    stride: 2,
  });
  readonly norm: InstanceType<typeof nn.BatchNorm2d> = new nn.BatchNorm2d(8);
  readonly linear: InstanceType<typeof nn.Linear>;

  constructor(classes = 3) {
    super();
    this.classes = classes;
    this.linear = new nn.Linear([8, classes]);
  }

  call(x: frpat.Tensor, mode: frpat.Mode): frpat.Output {
    const y = this.norm.call(this.conv.call(x), { mode, relu: true });
    const features = functional.globalAveragePool(y);
    return { logits: this.linear.call(features), features };
  }
}

export const HEIGHT = 6;
export const WIDTH = 10;
/** Numbers of an image. */
export const VALUES: number = HEIGHT * WIDTH * 3;

/** Images of three classes that differ in brightness, and their labels. */
export function examples(count: number) {
  const labels = Array.from({ length: count }, (_, i) => (7 * i) % 3);
  const images = new Uint8Array(count * VALUES).map((_, i) =>
    (37 * i * i + 11 * i) % 160 + 12 * labels[Math.floor(i / VALUES)]!
  );
  return { images, labels };
}

/** A classifier with a new network. Dispose of it. */
export async function small(
  options: { readonly seed?: number; readonly batchSize?: number } = {},
): Promise<frpat.Classifier> {
  const size = { height: HEIGHT, width: WIDTH };
  const network = new Small();
  return new frpat.Classifier(await testDevice(), {
    network,
    ...size,
    ...options,
  });
}

export const threat = attacks.linf(8 / 255);
export const attack = attacks.pgd({
  threat,
  steps: 5,
  stepSize: 2 / 255,
  start: { kind: "uniform", clip: true },
});
export const training = {
  objective: objectives.vanillaAt(),
  attack,
  batchSize: 8,
};
