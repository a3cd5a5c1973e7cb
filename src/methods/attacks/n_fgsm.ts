// N-FGSM (de Jorge et al., 2022), a single-step attack for training: noise that is
// wider than the ball, then one step from there, and no projection onto the ball,
//
//   x' = clip(z + a sign(grad surrogate(z))),   z = clip(x + u),   |u| <= k epsilon
//
// with clip to [0, 1]. Images may move by k epsilon + a, three radii in the paper's
// setting, which is what keeps one step from overfitting catastrophically. It is no
// way to measure robustness within the ball.

import { grad } from "../../ops/grad.ts";
import { add, clamp, mulScalar, sign } from "../../ops/pointwise.ts";
import type { Attack } from "../attack.ts";
import { linf } from "../threat_model.ts";

/** The budget of {@linkcode nFgsm}. */
export interface NFgsmOptions {
  /** The radius to become robust within, in the maximum norm. */
  readonly epsilon: number;
  /** Length of the step: `epsilon` in the paper. */
  readonly stepSize: number;
  /** Largest noise, k, as a multiple of `epsilon`: 2 in the paper. */
  readonly noise: number;
}

const IMAGE = { low: 0, high: 1 } as const;

/** One step from noisy images, free to leave the ball. */
export function nFgsm({ epsilon, stepSize, noise }: NFgsmOptions): Attack {
  const cube = linf(noise * epsilon);
  return {
    name: "n-fgsm",
    maximize(surrogate, { images, random }) {
      const noisy = clamp(cube.sample(images, random), IMAGE);
      const [gradient] = grad(surrogate(noisy), [noisy]);
      return clamp(add(noisy, mulScalar(sign(gradient!), stepSize)), IMAGE);
    },
  };
}
