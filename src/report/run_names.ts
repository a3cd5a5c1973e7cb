// Names for runs that are shown side by side. Runs of one name get what differs between
// them added.

import type { ReportedRun } from "./reported_run.ts";
import { leaves } from "./settings_table.ts";

/** Differences in a name, at most. */
const MOST = 4;

/** The parts of a run that its name depends on. */
type NamedRun = Pick<ReportedRun, "experiment" | "environment" | "path">;

/** A name for each run, in their order; no two are equal unless the runs' paths are. */
export function runNames(runs: readonly NamedRun[]): string[] {
  const named = runs.map((run) => ({ run, name: run.experiment.name }));
  const byName = Map.groupBy(named, ({ name }) => name);
  return named.map(({ run, name }) => {
    const same = byName.get(name)!.map((one) => one.run);
    return same.length === 1 ? name : `${name}, ${differences(run, same)}`;
  });
}

/** The settings that differ from other runs', else the machine, else the folder. */
function differences(run: NamedRun, runs: readonly NamedRun[]): string {
  const ways = [settingsOf, machineOf];
  const found: string[] = [];
  let alike = runs;
  for (const way of ways) {
    const own = way(run);
    const others = alike.map(way);
    const differing = [...own].filter(([path, value]) =>
      others.some((other) => other.get(path) !== value)
    );
    found.push(...differing.map(([path, value]) => `${path} ${value}`));
    alike = alike.filter((other) =>
      differing.every(([path, value]) => way(other).get(path) === value)
    );
    if (alike.length === 1) break;
  }
  const shown = found.slice(0, MOST);
  const isShort = alike.length === 1 && shown.length === found.length;
  return [...shown, ...isShort ? [] : [`in ${run.path}`]].join(", ");
}

function settingsOf({ experiment }: NamedRun): ReadonlyMap<string, string> {
  const { name: _, title: __, reported: ___, ...settings } = experiment;
  return new Map(leaves(settings));
}

function machineOf({ environment }: NamedRun): ReadonlyMap<string, string> {
  const { adapter, commit, deno } = environment;
  return new Map([
    ["on", adapter.description],
    ["commit", String(commit).slice(0, 8)],
    ["Deno", deno],
  ]);
}
