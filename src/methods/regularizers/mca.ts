// Mutual information between natural and adversarial representations, after MCA
// (Yang et al., 2021). A reconstruction: the authors published no code, and this
// follows their abstract and the FRPAT paper's account of it, a contrastive loss with
// m negatives from a memory, added to adversarial training. With cosines s, features
// f of a clean image and f' of its adversarial one, both by the student,
//
//   weight mean_i -log exp(s(f_i, f'_i) / T) / (exp(s(f_i, f'_i) / T) + sum_k exp(s(f_i, b_k) / T))
//
// where b_k are m images of other classes in a bank of clean features. Choices made
// here: the gradient reaches f and f', a row of the bank moves after a visit as in
// CRD, and rows begin at draws as CRD's do. There is no teacher.

import { checked } from "../../base/check_fields.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fanInUniform } from "../../nn/initializers.ts";
import { Buffer, Module } from "../../nn/module.ts";
import { bankScores, updateBank } from "../../ops/relation/bank.ts";
import { sampleNegatives } from "../../ops/random/sample_negatives.ts";
import {
  add,
  addScalar,
  exp,
  log,
  mulScalar,
  multiply,
  subtract,
} from "../../ops/pointwise.ts";
import { mean, sum } from "../../ops/reduce/reduce.ts";
import { directions } from "../../ops/relation/relation.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import { CONTRAST } from "./contrast.ts";
import type { Regularizer } from "../regularizer.ts";
import type { MethodSetting, Stateful } from "../stateful.ts";
import type { StepHooks } from "../step_hooks.ts";
import type { Views } from "../views.ts";

/** Weight and sizes of {@linkcode mca}. */
export interface McaOptions {
  /** Factor of the loss. */
  readonly weight: EpochSchedule;
  /** m, the images of other classes that each example is compared with. */
  readonly negatives: number;
  /** T, what cosines are divided by. */
  readonly temperature: number;
  /** The part of the bank's row that a step keeps. */
  readonly momentum: number;
}

/** The features of every image when it was last seen, as directions: (images, D). */
class FeatureBank extends Module {
  readonly rows: Buffer;

  constructor({ images, featureSize: { student } }: MethodSetting) {
    super();
    const start = fanInUniform(student / 3);
    this.rows = new Buffer("rows", [images, student], start);
  }
}

/** Keeps adversarial features next to their clean ones. The term is `mca`. */
export function mca(options: McaOptions): Stateful<Regularizer> {
  checked(MCA, options);
  return {
    name: "mca",
    create(setting) {
      const bank = new FeatureBank(setting);
      return {
        name: "mca",
        modules: { bank },
        term(views, hooks) {
          const factor = options.weight;
          const loss = mcaLoss({ views, hooks, bank }, options);
          return multiply(views.scheduled("mca weight", factor), loss);
        },
      };
    },
  };
}

/** The loss without its weight, after which the bank moves. */
function mcaLoss(
  { views, hooks, bank }: {
    readonly views: Views;
    readonly hooks: StepHooks;
    readonly bank: FeatureBank;
  },
  { negatives: draws, temperature, momentum }: McaOptions,
): Tensor {
  const clean = directions(views.clean.features);
  const adversarial = directions(views.adversarial.features);
  const others = sampleNegatives(views.labels, views.imagesByClass, {
    draws,
    key: views.random("mca"),
  });
  const own = sum(multiply(clean, adversarial), { start: 1 });
  const apart = bankScores(bank.rows, { anchors: clean, rows: others });
  // Cosines are at most 1: subtracting 1 keeps `exp` from overflowing.
  const affinities = [own, apart].map((cosines) =>
    mulScalar(addScalar(cosines, -1), 1 / temperature)
  );
  const [near, far] = affinities.map((affinity) => exp(affinity));
  const all = add(near!, sum(far!, { start: 1 }));
  const { indices: rows } = views;
  hooks.afterStep(() => {
    updateBank(bank.rows, { rows, values: clean, momentum });
  });
  return mean(subtract(log(all), affinities[0]!));
}

/** MCA as a kind. */
export const MCA: RegularizerKind<MethodConfig<"mca", McaOptions>> = {
  method: "mca",
  about: "adversarial features are close to their clean ones",
  fields: {
    weight: epochSchedule({
      name: "The weight of mca",
      about: "factor of the loss",
    }),
    ...CONTRAST,
  },
  needs: { teacher: false, labels: true },
  create: mca,
};
