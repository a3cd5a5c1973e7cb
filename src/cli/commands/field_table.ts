// Tables of fields: the values of an experiment that `--set` can change, with ranges and
// meaning, and the kinds to choose from.

import { fieldsOf, visitFields } from "../../base/check_fields.ts";
import {
  choice,
  describe,
  type Field,
  type FieldsByName,
} from "../../base/fields.ts";
import { tableLines } from "../../base/text_table.ts";
import type { Experiment } from "../../config/experiment.ts";
import { DECISIVE } from "../../config/experiment_fields.ts";
import { DATASETS } from "../../data/datasets.ts";
import {
  ATTACKS,
  ROUND_ATTACKS,
  TRAINING_ONLY_ATTACKS,
} from "../../methods/attacks.ts";
import { OBJECTIVES } from "../../methods/objectives.ts";
import { REGULARIZERS } from "../../methods/regularizers.ts";
import { NETWORKS } from "../../nn/networks.ts";

/** Every value of an experiment as `--set` writes it, with its range and meaning. */
export function experimentFields(experiment: Experiment): string {
  const rows: string[][] = [];
  visitFields(DECISIVE, experiment, (field, value, path) => {
    if (value === undefined || fieldsOf(field, value) !== null) return;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    rows.push([`${path}=${text}`, fieldText(field)]);
  });
  return tableLines(rows, { left: 2 }).join("\n");
}

/** The parts of a kind that are listed. */
interface Listed {
  readonly about: string;
  readonly fields?: FieldsByName;
  /** By the templates of names that commands know it by. */
  readonly names?: Readonly<Record<string, unknown>>;
}

const LISTS: Readonly<Record<string, Readonly<Record<string, Listed>>>> = {
  "Objectives (objective.method)": OBJECTIVES,
  "Regularizers (regularizers.0.method)": REGULARIZERS,
  "Attacks (attack.method, evaluation.attacks)": ATTACKS,
  "Attacks for training alone (attack.method)": TRAINING_ONLY_ATTACKS,
  "Attacks of AutoAttack (evaluate --attack)": ROUND_ATTACKS,
  "Networks (student.network, teacher.network)": NETWORKS,
  "Data sets (data.dataset)": DATASETS,
};

/** Every kind by list, with its fields. */
export function kindList(): string {
  return Object.entries(LISTS)
    .map(([title, kinds]) => [title, ...kindLines(kinds)].join("\n"))
    .join("\n\n");
}

function kindLines(kinds: Readonly<Record<string, Listed>>): string[] {
  return Object.entries(kinds).flatMap(([name, kind]) => {
    const { about, fields = {}, names = {} } = kind;
    const named = Object.keys(names).join(", ");
    const rows = Object.entries(fields).map(([key, field]) => [
      `    ${key}`,
      fieldText(field),
    ]);
    return [
      `  ${name}: ${about}${named ? `; by name ${named}` : ""}`,
      ...tableLines(rows, { left: 2 }),
    ];
  });
}

/** The values that a field takes and its meaning, as a line. */
function fieldText(field: Field): string {
  const about = "of" in field ? field.about ?? field.of.about : field.about;
  return about ? `${rangeText(field)}: ${about}` : rangeText(field);
}

/** The values that a field takes, those of nested fields included. */
function rangeText(field: Field): string {
  if (field.kind === "object") return objectText(field.fields);
  if (field.kind !== "union") return describe(field);
  return Object.entries(field.variants).map(([name, { fields }]) =>
    objectText({ [field.tag]: choice([name]), ...fields })
  ).join(" or ");
}

/** A variant as JSON with gaps, such as `{"kind":"constant","value":…}`. */
function objectText(fields: FieldsByName): string {
  const entries = Object.entries(fields).map(([name, field]) =>
    field.kind === "choice" && field.values.length === 1
      ? `"${name}":"${field.values[0]}"`
      : `"${name}":…`
  );
  return `{${entries.join(",")}}`;
}
