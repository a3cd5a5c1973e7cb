// What groups of a study are called, and their numbers over seeds.

import { leaves } from "../../src/report/settings_table.ts";
import { meanAndDeviation } from "../../src/runs/sweep_table.ts";
import type { Study, StudyGroup, StudyRun } from "./study.ts";

/** Groups by their names: the recipe's, with the settings that others of it do not share. */
export function namedGroups(
  { groups }: Pick<Study, "groups">,
): Map<string, StudyGroup> {
  return new Map(groups.map((group) => {
    const { name } = group.experiment;
    const alike = groups.filter(({ experiment }) => experiment.name === name);
    const settings = differingSettings(group, alike)
      .map(([path, value]) => `${path}=${value}`);
    return [[name, ...settings].join(" "), group];
  }));
}

/** The settings of a group that not all of others have, by their paths. */
export function differingSettings(
  group: StudyGroup,
  alike: readonly StudyGroup[],
): [path: string, value: string][] {
  const others = alike.map((one) => new Map(settingsOf(one)));
  return settingsOf(group).filter(([path, value]) =>
    others.some((other) => other.get(path) !== value)
  );
}

function settingsOf({ experiment }: StudyGroup): [string, string][] {
  const { name: _, title: __, notes: ___, reported: ____, ...settings } =
    experiment;
  return leaves(settings);
}

/** A mean and the deviation of a sample, null for one number. */
export type Spread = NonNullable<ReturnType<typeof meanAndDeviation>>;

/** The spread of a number over the runs that have it; null where none has. */
export function spread(
  runs: readonly StudyRun[],
  of: (run: StudyRun) => number | undefined,
): Spread | null {
  return meanAndDeviation(runs.flatMap((run) => of(run) ?? []));
}

/** A spread as text: "52.00 ± 2.83"; a dash where there is none. */
export function spreadText(found: Spread | null, digits = 2): string {
  if (!found) return "-";
  const { mean, deviation } = found;
  const text = mean.toFixed(digits);
  return deviation === null ? text : `${text} ± ${deviation.toFixed(digits)}`;
}
