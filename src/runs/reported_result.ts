// The accuracies that a paper reports on one kind of images, found by the attack's name in
// an experiment, to be shown beside measured ones.

import type { ReportedResult } from "../config/experiment.ts";
import { withoutSource } from "./attack_source.ts";

/** A number at the best epoch, at the last one, and their difference. */
export interface BestAndLast<T> {
  readonly best?: T | undefined;
  readonly last?: T | undefined;
  readonly gap?: T | undefined;
}

/** The fields of a {@linkcode ReportedResult} for one kind of images. */
interface ReportedKind extends BestAndLast<keyof ReportedResult> {
  readonly best: keyof ReportedResult;
  /** The name in papers. */
  readonly label: string;
}

const KINDS: readonly ReportedKind[] = [
  { label: "clean", best: "clean", last: "lastClean" },
  { label: "PGD-20", best: "pgd20", last: "lastPgd20", gap: "gapPgd20" },
  { label: "C&W-20", best: "cw20" },
  { label: "AutoAttack", best: "autoAttack" },
  { label: "k-NN clean", best: "relationClean" },
  { label: "k-NN robust", best: "relationRobust" },
];

/** The name in papers of an attack, or of clean images. */
export function reportedLabel(name: string): string {
  const [attack, source] = withoutSource(name);
  return `${kindOf(attack)?.label ?? attack}${source}`;
}

/** The reported accuracies under an attack, or on clean images. */
export function reportedAccuracies(
  reported: ReportedResult | null,
  name: string,
): BestAndLast<number> {
  const kind = kindOf(name);
  return reported && kind ? accuraciesOf(reported, kind) : {};
}

/** All reported accuracies, by their names in papers. */
export function allReported(
  reported: ReportedResult,
): (readonly [label: string, accuracies: BestAndLast<number>])[] {
  return KINDS.map((kind) =>
    [kind.label, accuraciesOf(reported, kind)] as const
  )
    .filter(([, accuracies]) =>
      Object.values(accuracies).some((value) => value !== undefined)
    );
}

function accuraciesOf(
  reported: ReportedResult,
  { best, last, gap }: ReportedKind,
): BestAndLast<number> {
  const value = (key: keyof ReportedResult | undefined) =>
    key && reported[key] as number | undefined;
  return { best: value(best), last: value(last), gap: value(gap) };
}

/** "pgd-20", "PGD20" and "pgd20" are one name to a reader. */
function kindOf(name: string): ReportedKind | undefined {
  const plain = (text: string): string =>
    text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return KINDS.find(({ best, label }) =>
    [best, label].map(plain).includes(plain(name))
  );
}
