// The fields of an experiment, for `--set`, files and JSON Schema. Those of kinds come from
// the kinds themselves.

import {
  boolean,
  choice,
  type Field,
  type Fields,
  list,
  type Mismatch,
  nullable,
  number,
  object,
  optional,
  record,
  text,
  union,
  type Variant,
  whole,
} from "../base/fields.ts";
import { type JsonSchema, jsonSchema } from "../base/json_schema.ts";
import { DATASETS } from "../data/datasets.ts";
import { ATTACK, TRAINING_ATTACKS } from "../methods/attacks.ts";
import { firstEpoch } from "../methods/epoch_schedule.ts";
import { OBJECTIVE } from "../methods/objectives.ts";
import { REGULARIZER } from "../methods/regularizers.ts";
import { NETWORKS } from "../nn/networks.ts";
import { NORMALIZATION } from "../nn/normalized.ts";
import { AVERAGING } from "./averaging.ts";
import type {
  EvaluationConfig,
  Experiment,
  PretrainedConfig,
  ReportedResult,
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "./experiment.ts";
import { EXTRA, TEACHER_FEATURES } from "./added_data.ts";
import { HYPERPARAMETERS, MODE } from "./hyperparameters.ts";

const PRETRAINED: Field = optional(object<PretrainedConfig>({
  from: text({ about: "a file of weights, or the folder of a run" }),
  frozen: boolean({ about: "whether it stays as it is" }),
  mode: MODE,
  classes: optional(whole({ least: 2, ceiling: 65_536 }), {
    about: "its own classes, where they are not the data set's",
  }),
}));

const NORMALIZED: Field = optional(NORMALIZATION, {
  about: "what images are normalized by, inside the network",
});

/** The numbers of an {@linkcode UnlabeledConfig}. */
export const UNLABELED_NUMBERS: {
  readonly fraction: Field;
  readonly batchSize: Field;
} = {
  fraction: number({
    above: 0,
    below: 1,
    about: "the part of the training images",
  }),
  batchSize: whole({
    least: 2,
    ceiling: 65_536,
    about: "images without labels per step",
  }),
};

const UNLABELED: Field = object<UnlabeledConfig>({
  ...UNLABELED_NUMBERS,
  fraction: optional(UNLABELED_NUMBERS.fraction),
  from: optional(text(), {
    about:
      "a folder, a .npy or safetensors file, or a data set, in place of a part",
  }),
  regularizers: list(REGULARIZER, { least: 1, about: "the terms on them" }),
}, { check: checkUnlabeled });

/** Images without labels have one source. */
function checkUnlabeled({ fraction, from }: UnlabeledConfig): Mismatch | null {
  if ((fraction === undefined) !== (from === undefined)) return null;
  return from === undefined
    ? { path: "fraction", expected: "given without from", found: "nothing" }
    : { path: "fraction", expected: "absent with from", found: `${fraction}` };
}

/** The field of a {@linkcode WeightPerturbationConfig}. */
export const WEIGHT_PERTURBATION: Field = object<WeightPerturbationConfig>({
  gamma: number({ above: 0, about: "how far a tensor moves, by its norm" }),
  fromEpoch: firstEpoch({
    what: "Perturbations of weights",
    about: "the first epoch in which weights move",
  }),
  cleanForward: optional(boolean(), {
    about: "whether clean images then move the running statistics",
  }),
});

const EVALUATION: Field = object<EvaluationConfig>({
  validation: whole({
    least: 0,
    ceiling: 10_000_000,
    about: "training images held out to choose the best epoch by",
  }),
  selection: optional(choice(["held-out", "test"]), {
    about: "images that choose the best epoch; test is optimistic",
  }),
  curve: optional(whole({ least: 0, ceiling: 10_000_000 }), {
    about: "test images that are measured after epochs too, for curves",
  }),
  keep: optional(whole({ least: 1, ceiling: 1_000_000 }), {
    about: "epochs between checkpoints that are kept",
  }),
  every: whole({
    least: 1,
    ceiling: 1_000_000,
    about: "epochs between evaluations",
  }),
  batchSize: whole({
    least: 1,
    ceiling: 65_536,
    about: "images that are attacked at once",
  }),
  attacks: record(ATTACK, {
    about: "by name; the first one chooses the best epoch",
  }),
}, { check: checkEvaluation });

const percent = (about: string): Field =>
  optional(number({ least: 0, most: 100, about }));

const REPORTED: Field = object<ReportedResult>({
  source: text({ about: "where the accuracies stand" }),
  clean: percent("on clean images"),
  pgd20: percent("under 20 steps of PGD"),
  cw20: percent("under 20 steps on the margin"),
  autoAttack: percent("under AutoAttack"),
  relationClean: percent("of neighbors of clean features"),
  relationRobust: percent("of neighbors of adversarial features"),
  lastClean: percent("on clean images after the last epoch"),
  lastPgd20: percent("under 20 steps of PGD after the last epoch"),
  gapPgd20: optional(number({ about: "best minus last, as printed" })),
});

/** The parts of an experiment that decide a run: all but names, notes and reported results. */
export type Decisive = Omit<
  Experiment,
  "name" | "title" | "notes" | "reported"
>;

/** The fields of an experiment that `--set` changes. */
const DECISIVE_FIELDS: Fields<Decisive> = {
  ...HYPERPARAMETERS,
  data: union("dataset", withField(DATASETS, { extra: optional(EXTRA) })),
  student: union("network", withField(NETWORKS, { normalization: NORMALIZED })),
  teacher: nullable(
    union(
      "network",
      withField(NETWORKS, {
        normalization: NORMALIZED,
        pretrained: PRETRAINED,
      }),
    ),
  ),
  teacherFeatures: optional(TEACHER_FEATURES, {
    about: "a teacher's features from a file, in its place",
  }),
  objective: OBJECTIVE,
  regularizers: list(REGULARIZER, { about: "what is added to the objective" }),
  unlabeled: optional(UNLABELED, {
    about: "what is learned from images without labels",
  }),
  attack: nullable(
    union("method", withField(TRAINING_ATTACKS, { mode: MODE })),
  ),
  weightPerturbation: nullable(WEIGHT_PERTURBATION),
  averaging: optional(AVERAGING),
  evaluation: EVALUATION,
};

/** The {@linkcode Decisive} parts of an experiment. */
export const DECISIVE: Field = object(DECISIVE_FIELDS);

/** A whole experiment. */
export const EXPERIMENT: Field = object<Experiment>({
  name: text({ about: "as it stands in file names and on the command line" }),
  title: text({ about: "one line for lists" }),
  notes: optional(list(text()), {
    about: "where it differs from what it reproduces",
  }),
  ...DECISIVE_FIELDS,
  reported: nullable(REPORTED, { about: "what the paper reports" }),
});

/** The JSON Schema of an experiment in a file, which may name it as `$schema`. */
export function experimentSchema(): JsonSchema {
  const { properties, ...schema } = jsonSchema(EXPERIMENT);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "An experiment of frpat",
    ...schema,
    properties: { $schema: { type: "string" }, ...properties as JsonSchema },
  };
}

/** Names of attacks, which options list with commas, and files and tables show. */
const ATTACK_NAME = /^[a-z][\w.+-]{0,63}$/i;

/**
 * Clean images are always measured, and the first attack chooses the best epoch: a
 * name of digits would become the first one by itself.
 */
function checkEvaluation(
  { attacks, validation, selection }: EvaluationConfig,
): Mismatch | null {
  if (selection === "held-out" && validation === 0) {
    const expected = "at least 1 to choose the best epoch by";
    return { path: "validation", expected, found: "0" };
  }
  const names = Object.keys(attacks);
  const wrong = (expected: string): Mismatch => ({
    path: "attacks",
    expected,
    found: names.join(", ") || "none",
  });
  if (names.length === 0 || names.includes("clean")) {
    return wrong('at least one attack by another name than "clean"');
  }
  return names.every((name) => ATTACK_NAME.test(name)) ? null : wrong(
    "attacks by names of a letter and up to 63 letters, digits or _ . + -",
  );
}

/** Kinds with additional fields. */
function withField(
  kinds: Readonly<Record<string, Variant>>,
  more: Variant["fields"],
): Record<string, Variant> {
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, {
      ...kind,
      fields: { ...kind.fields, ...more },
    }]),
  );
}
