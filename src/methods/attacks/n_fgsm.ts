// N-FGSM (de Jorge et al., 2022), a single-step attack for training: noise that is
// wider than the ball, then one step from there, and no projection onto the ball,
//
//   x' = clip(z + a sign(grad surrogate(z))),   z = clip(x + u),   |u| <= k epsilon
//
// with clip to [0, 1]. Images may move by k epsilon + a, three radii in the paper's
// setting, which is what keeps one step from overfitting catastrophically. It is no
// way to measure robustness within the ball.

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import { type Fraction, fractionValue } from "../../base/fraction.ts";
import type { AttackKind } from "../kind.ts";
import { checkBall, RADIUS, STEP_SIZE } from "./iteration.ts";
import { grad } from "../../ops/grad.ts";
import { add, clamp, mulScalar, sign } from "../../ops/pointwise.ts";
import { uniform } from "../../ops/random/random.ts";
import type { Attack } from "../attack.ts";

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
export function nFgsm(options: NFgsmOptions): Attack {
  const { epsilon, stepSize, noise } = checked(N_FGSM, options);
  // The noise is no perturbation that counts: it may be wider than images are.
  const range = { low: -noise * epsilon, high: noise * epsilon };
  return {
    name: "n-fgsm",
    maximize(surrogate, { images, random }) {
      const u = uniform(random, images.shape, range);
      const noisy = clamp(add(images, u), IMAGE);
      const [gradient] = grad(surrogate(noisy), [noisy]);
      return clamp(add(noisy, mulScalar(sign(gradient!), stepSize)), IMAGE);
    },
  };
}

/** N-FGSM in an experiment. */
export interface NFgsmConfig {
  /** Tells it from other attacks. */
  readonly method: "n-fgsm";
  /** The radius to become robust within, in the maximum norm. */
  readonly epsilon: Fraction;
  /** Length of the one step. */
  readonly stepSize: Fraction;
  /** Largest noise, as a multiple of the radius. */
  readonly noise: number;
}

/** N-FGSM as a kind. */
export const N_FGSM: AttackKind<NFgsmConfig> = {
  method: "n-fgsm",
  about: "one step from wide noise, free to leave the ball",
  fields: {
    epsilon: RADIUS,
    stepSize: STEP_SIZE,
    noise: number({ least: 0, about: "largest noise, in radii" }),
  },
  needs: { labels: false },
  check: ({ epsilon }) => checkBall({ norm: "linf", epsilon }),
  start: ({ noise }) => ({
    text: `x + U(-${noise} epsilon, ${noise} epsilon), clipped to [0, 1]`,
    random: true,
  }),
  create: ({ epsilon, stepSize, noise }) =>
    nFgsm({
      epsilon: fractionValue(epsilon),
      stepSize: fractionValue(stepSize),
      noise,
    }),
};
