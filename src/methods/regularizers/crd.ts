// Contrastive representation distillation (CRD, Tian et al., 2020): of all images,
// an example's student is closest to the same example's teacher, and the other way
// round. Both are embedded linearly, as directions v of D = 128 dimensions. With
// the teacher's embedding of every image in a memory bank b, P(k) = exp(v · b_k / T)
// / Z, and c = K / n for K images of other classes out of n,
//
//   -mean over the batch of [ log P(own) / (P(own) + c) + sum_k log c / (P(k) + c) ]
//
// plus the same of the teacher's v with a bank of the student's. The weight is 0.8.
//
// As in the authors' code: Z is n times the mean of exp over the first batch, a
// constant from then on; both directions see the same draws; the rows of a batch
// move in both banks after the step, by half; 1e-7 guards the denominators. There
// an image's draws do not repeat; here they are independent. The teacher sees clean
// images, and no gradient; the student sees adversarial ones.

import { checked } from "../../base/check_fields.ts";
import { whole } from "../../base/fields.ts";
import { detach } from "../../graph/graph.ts";
import { sizeOf, type Tensor } from "../../graph/tensor.ts";
import { constant, fanInUniform } from "../../nn/initializers.ts";
import { Linear } from "../../nn/layers.ts";
import { Buffer, Module } from "../../nn/module.ts";
import { bankScores, updateBank } from "../../ops/relation/bank.ts";
import { sampleNegatives } from "../../ops/random/sample_negatives.ts";
import {
  add,
  addScalar,
  divide,
  exp,
  log,
  mulScalar,
  multiply,
  negate,
  where,
} from "../../ops/pointwise.ts";
import { sum } from "../../ops/reduce/reduce.ts";
import { directions } from "../../ops/relation/relation.ts";
import { store } from "../../ops/store.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import { CONTRAST } from "./contrast.ts";
import type { Regularizer } from "../regularizer.ts";
import {
  type MethodSetting,
  type Stateful,
  teacherFeatureSize,
} from "../stateful.ts";
import type { StepHooks } from "../step_hooks.ts";
import type { Views } from "../views.ts";

const EPSILON = 1e-7;

/** Weight and sizes of {@linkcode crd}. */
export interface CrdOptions {
  /** Factor of the loss: 0.8 in the paper. */
  readonly weight: EpochSchedule;
  /** Length of the embeddings: 128 in the paper. */
  readonly dimension: number;
  /** Images of other classes that each example is compared with: 16,384 in the paper. */
  readonly negatives: number;
  /** T, what products are divided by: 0.07 in the paper. */
  readonly temperature: number;
  /** The part of a bank's row that a step keeps: 0.5 in the paper. */
  readonly momentum: number;
}

/** The linear embeddings, which learn beside the student. */
class CrdEmbeddings extends Module {
  readonly student: Linear;
  readonly teacher: Linear;

  constructor(setting: MethodSetting, { dimension }: CrdOptions) {
    super();
    this.student = new Linear([setting.featureSize.student, dimension]);
    this.teacher = new Linear([teacherFeatureSize(setting), dimension]);
  }
}

/** An embedding of every image by one network. */
class Bank extends Module {
  /** One row per image of the training split, (images, D). */
  readonly rows: Buffer;
  /** Z of products with this bank; 0 before the first step. */
  readonly normalizer: Buffer = new Buffer("normalizer", [1], constant(0));

  constructor({ images }: MethodSetting, { dimension }: CrdOptions) {
    super();
    // U(-b, b) with b = sqrt(3 / D): rows begin with a mean square length of 1.
    const start = fanInUniform(dimension / 3);
    this.rows = new Buffer("rows", [images, dimension], start);
  }
}

/** The modules of CRD. */
type CrdModules = {
  readonly embeddings: CrdEmbeddings;
  readonly students: Bank;
  readonly teachers: Bank;
};

/** The inputs of the term. */
interface CrdStep {
  readonly views: Views;
  readonly hooks: StepHooks;
}

/** Keeps the student's embedding of an image next to the teacher's. The term is `crd`. */
export function crd(options: CrdOptions): Stateful<Regularizer> {
  checked(CRD, options);
  return {
    name: "crd",
    create(setting) {
      const modules: CrdModules = {
        embeddings: new CrdEmbeddings(setting, options),
        students: new Bank(setting, options),
        teachers: new Bank(setting, options),
      };
      return {
        name: "crd",
        modules,
        term: (views, hooks) => crdTerm({ views, hooks }, modules, options),
      };
    },
  };
}

/** The weighted loss. The banks move after the step. */
function crdTerm(
  { views, hooks }: CrdStep,
  { embeddings, students, teachers }: CrdModules,
  options: CrdOptions,
): Tensor {
  const { adversarial, teacher: { features } } = views;
  const student = directions(embeddings.student.call(adversarial.features));
  const teacher = directions(embeddings.teacher.call(detach(features)));
  const step = { views, hooks };
  const loss = add(
    contrast(step, { anchors: student, bank: teachers }, options),
    contrast(step, { anchors: teacher, bank: students }, options),
  );
  const { indices: rows } = views;
  const { momentum } = options;
  hooks.afterStep(() => {
    updateBank(students.rows, { rows, values: student, momentum });
    updateBank(teachers.rows, { rows, values: teacher, momentum });
  });
  return multiply(views.scheduled("crd weight", options.weight), loss);
}

/** The loss of anchors (N, D) against the other network's bank: a scalar. */
function contrast(
  { views, hooks }: CrdStep,
  { anchors, bank }: { readonly anchors: Tensor; readonly bank: Bank },
  { negatives, temperature }: CrdOptions,
): Tensor {
  const affinities = (rows: Tensor) =>
    exp(mulScalar(bankScores(bank.rows, { anchors, rows }), 1 / temperature));
  const key = views.random("crd");
  const others = sampleNegatives(views.labels, views.imagesByClass, {
    draws: negatives,
    key,
  });
  const own = affinities(views.indices);
  const apart = affinities(others);
  const normalizer = normalizerOf(hooks, { bank, own, apart });
  const images = bank.rows.shape[0]!;
  const chance = negatives / images;
  const guarded = (affinity: Tensor) =>
    addScalar(divide(affinity, normalizer), chance + EPSILON);
  const isOwn = log(divide(divide(own, normalizer), guarded(own)));
  const isOther = negate(log(mulScalar(guarded(apart), 1 / chance)));
  return mulScalar(add(sum(isOwn), sum(isOther)), -1 / own.shape[0]!);
}

/** Z, which the first batch decides. No gradient flows through it. */
function normalizerOf(
  hooks: StepHooks,
  { bank, own, apart }: {
    readonly bank: Bank;
    readonly own: Tensor;
    readonly apart: Tensor;
  },
): Tensor {
  const kept = own.graph.read(bank.normalizer);
  const count = sizeOf(own.shape) + sizeOf(apart.shape);
  const first = mulScalar(
    add(sum(own), sum(apart)),
    bank.rows.shape[0]! / count,
  );
  const normalizer = where(kept, { yes: kept, no: detach(first) });
  hooks.afterStep(() => store(normalizer, bank.normalizer));
  return normalizer;
}

/** CRD as a kind. */
export const CRD: RegularizerKind<MethodConfig<"crd", CrdOptions>> = {
  method: "crd",
  about: "the student's embedding of an image is close to the teacher's",
  fields: {
    weight: epochSchedule({
      name: "The weight of crd",
      about: "factor of the loss",
    }),
    dimension: whole({
      least: 1,
      ceiling: 65_536,
      about: "length of the embeddings",
    }),
    ...CONTRAST,
  },
  needs: { teacher: "features", labels: true },
  create: crd,
};
