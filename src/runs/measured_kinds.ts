// What networks were measured on, as rows of tables: clean images, attacks, relationship
// scores and corrupted images. Results stand in one row only where attack, threat model and
// number of images are the same.

import { countText } from "../base/amounts.ts";
import { fieldsText } from "../config/config_text.ts";
import { SHOWN_NEIGHBORS } from "./relation_result.ts";
import { reportedLabel } from "./reported_result.ts";
import {
  attackName,
  type AttackResult,
  type NetworkResult,
  sameEntry,
} from "./result_card.ts";

/** What networks were measured on: a row of a table. */
export interface MeasuredKind {
  /** The attack's name, "clean", or which relationship score. */
  readonly name: string;
  /** How papers call it, with the settings that no cell of the row has. */
  readonly label: string;
  /** The norm of the ball, such as "linf"; empty where there is none. */
  readonly norm: string;
  /** The radius, such as "8/255"; empty where there is none. */
  readonly epsilon: string;
  /** The size of a step; empty where the attack chooses it by itself. */
  readonly step: string;
  /** The number of images. */
  readonly count: number;
  /** The measurement of a network in percent; undefined where there is none. */
  readonly accuracyIn: (result: NetworkResult | null) => number | undefined;
}

/** Every kind of images that any of the results is of: clean ones, attacks, scores. */
export function kindsIn(
  ...results: readonly (NetworkResult | null)[]
): MeasuredKind[] {
  const present = results.filter((result) => result !== null);
  const kinds = [
    ...present.map(cleanKind),
    ...attackKinds(present),
    ...present.flatMap(relationKinds),
    ...present.flatMap(corruptionKinds),
  ];
  const byTitle = new Map<string, MeasuredKind>();
  for (const kind of kinds) {
    const title = kindTitle(kind);
    if (!byTitle.has(title)) byTitle.set(title, kind);
  }
  return [...byTitle.values()];
}

/**
 * The kinds that a paper's figures stand beside: of each name the first one that has
 * the threat model of the first attack, which is the run's own.
 */
export function kindsInPaper(kinds: readonly MeasuredKind[]): MeasuredKind[] {
  const threat = ({ norm, epsilon }: MeasuredKind) => `${norm} ${epsilon}`;
  const own = kinds.find(({ norm }) => norm !== "");
  const names = new Set<string>();
  return kinds.filter((kind) => {
    const isOwn = kind.norm === "" || threat(kind) === threat(own!);
    if (names.has(kind.name) || !isOwn) return false;
    names.add(kind.name);
    return true;
  });
}

/** A kind in words: "PGD-20, epsilon 8/255, step 2/255, 10,000 images". */
export function kindTitle(
  { label, epsilon, step, count }: MeasuredKind,
): string {
  return [
    label,
    ...epsilon ? [`epsilon ${epsilon}`] : [],
    ...step ? [`step ${step}`] : [],
    `${countText(count)} images`,
  ].join(", ");
}

function cleanKind({ count }: NetworkResult): MeasuredKind {
  return {
    name: "clean",
    label: "clean",
    ...NO_ATTACK,
    count,
    accuracyIn: (result) => result?.count === count ? result.clean : undefined,
  };
}

function attackKinds(results: readonly NetworkResult[]): MeasuredKind[] {
  const all = results.flatMap(({ attacks }) => Object.entries(attacks));
  const firsts = new Map<string, AttackResult>();
  return all.map(([key, entry]) => {
    const name = attackName(key, entry);
    const first = firsts.get(name) ?? entry;
    firsts.set(name, first);
    return {
      name,
      label: [reportedLabel(name), ...changesFrom(first, entry)].join(", "),
      ...sizesOf(entry.config),
      count: entry.count,
      accuracyIn: (result) =>
        result
          ? sameEntry(result.attacks, { name, entry })?.accuracy
          : undefined,
    };
  });
}

/** The settings that an entry does not share with the first one of its attack. */
function changesFrom(first: AttackResult, entry: AttackResult): string[] {
  const before: Readonly<Record<string, unknown>> = { ...first.config };
  return Object.entries(entry.config)
    .filter(([name, value]) =>
      name !== "epsilon" && name !== "stepSize" &&
      JSON.stringify(value) !== JSON.stringify(before[name])
    )
    .map(([name, value]) => fieldsText({ [name]: value }));
}

type Sizes = Pick<MeasuredKind, "norm" | "epsilon" | "step">;

const NO_ATTACK: Sizes = { norm: "", epsilon: "", step: "" };

/** The radius and the size of an attack's step as cells; empty for clean images. */
export function attackCells(config: object | null): [string, string] {
  const { epsilon, step } = config ? sizesOf(config) : NO_ATTACK;
  return [epsilon, step];
}

/** The radius and the size of a step, as they stand in an attack's settings. */
function sizesOf(config: object): Sizes {
  const fields = config as Readonly<Record<string, unknown>>;
  const { norm = "", epsilon = "", stepSize = "" } = fields;
  return {
    norm: String(norm),
    epsilon: String(epsilon),
    step: String(stepSize),
  };
}

/** The relationship score's kinds. */
const RELATIONS = ["relationClean", "relationRobust"] as const;

function relationKinds({ relation }: NetworkResult): MeasuredKind[] {
  if (!relation) return [];
  return RELATIONS.map((name) => ({
    name,
    label: reportedLabel(name),
    ...name === "relationRobust" ? sizesOf(relation.config) : NO_ATTACK,
    count: relation.queries,
    accuracyIn: (result) => result?.relation?.[name][SHOWN_NEIGHBORS],
  }));
}

/** Corrupted images, of which all severities are one row. */
function corruptionKinds({ corruptions }: NetworkResult): MeasuredKind[] {
  if (!corruptions) return [];
  const { count } = corruptions;
  return [{
    name: "corruptions",
    label: "15 corruptions",
    ...NO_ATTACK,
    count,
    accuracyIn: (result) => {
      const found = result?.corruptions;
      return found?.count === count ? found.mean : undefined;
    },
  }];
}
