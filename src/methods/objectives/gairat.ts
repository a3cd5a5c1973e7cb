// Geometry-aware instance-reweighted adversarial training (GAIRAT, Zhang et al., 2021):
//
//   min (1/N) sum_i w_i CE(f(x'_i), y_i)
//   w_i ~ (1 + tanh(lambda + 5 (1 - 2 kappa_i / K))) / 2,  of mean 1 over the batch
//
// where kappa_i of PGD's K steps found x'_i still classified correctly: an example that
// falls at once is near the boundary and counts most. Up to some epoch all count alike.
// No gradient flows through the weights. The authors' code has integer halves of K in
// the weight, which are the same for an even K.

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy } from "../../nn/losses.ts";
import { fill } from "../../ops/fill.ts";
import {
  addScalar,
  divide,
  exp,
  less,
  mulScalar,
  multiply,
  where,
} from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import { firstEpoch } from "../epoch_schedule.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";
import { SURVIVAL_RATE } from "../signal.ts";
import type { Views } from "../views.ts";

/** The weights' shape, and their first epoch. */
export interface GairatOptions {
  /** Shifts weight to examples that hold longer: -1 in the paper. */
  readonly lambda: number;
  /** The first epoch, from 1, with weights other than 1: 60 of 120 in the paper. */
  readonly fromEpoch: number;
}

/**
 * Cross-entropy weighted by how soon the attack succeeded. The attack must record its
 * survival rate, as `pgd` does. The term is `adversarial`; the surrogate is the cross-entropy.
 */
export function gairat(options: GairatOptions): Objective {
  const { lambda, fromEpoch } = checked(GAIRAT, options);
  return {
    name: "gairat",
    surrogate: ({ adversarial, labels }) =>
      crossEntropy(adversarial.logits, labels),
    terms(views) {
      const { adversarial, labels, targets } = views;
      const weights = where(isBefore(views, fromEpoch), {
        yes: fill(labels.graph, { shape: labels.shape, value: 1 }),
        no: geometryWeights(views.read(SURVIVAL_RATE), lambda),
      });
      const losses = crossEntropy(adversarial.logits, targets);
      return { adversarial: mean(multiply(weights, losses)) };
    },
  };
}

/** 1 in the epochs before the given one, else 0. */
function isBefore({ epoch }: Views, first: number): Tensor {
  return less(epoch, fill(epoch.graph, { shape: [], value: first }));
}

/**
 * GAIRAT's weights, of mean 1, from kappa / K, (N,): as (1 + tanh u) / 2 is
 * 1 / (1 + exp(-2 u)), which stays exact where it is small.
 */
export function geometryWeights(survivalRate: Tensor, lambda: number): Tensor {
  const rising = exp(addScalar(mulScalar(survivalRate, 20), -2 * (lambda + 5)));
  const one = fill(survivalRate.graph, { shape: [], value: 1 });
  const weights = divide(one, addScalar(rising, 1));
  return divide(weights, mean(weights));
}

/** GAIRAT as a kind. */
export const GAIRAT: ObjectiveKind<MethodConfig<"gairat", GairatOptions>> = {
  method: "gairat",
  about: "cross-entropy weighted by how soon the attack succeeds",
  fields: {
    lambda: number({ about: "shifts weight to examples that hold longer" }),
    fromEpoch: firstEpoch({
      what: "Weights of examples",
      about: "the first epoch with weights other than 1",
    }),
  },
  needs: { teacher: false, labels: true, attack: "survival" },
  create: gairat,
};
