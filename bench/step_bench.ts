// Whole steps: F, W4 and W5, with what the host pays per dispatch and where the
// device's time goes.

import type { Plan } from "../src/gpu/plan.ts";
import { profile, type ProfileRow } from "../src/gpu/profile.ts";
import { selfTests } from "../src/gpu/self_tests.ts";
import type { Program } from "../src/gpu/program.ts";
import { costOf } from "../src/graph/cost.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { STEP } from "./inputs.ts";
import { medianOf } from "../src/gpu/stopwatch.ts";
import { share, Suite } from "./suite.ts";
import { figure, tableText } from "./table.ts";
import { STEPS, type Workload } from "./workloads.ts";

const suite = await Suite.open();
const { nanosecondsPerTick } = await selfTests(suite.device);

for (const step of STEPS) {
  suite.add(step, {
    iterations: 5,
    inspect: async (bound) => {
      suite.note(await hostText(step, bound));
      if (nanosecondsPerTick === null) return;
      suite.note(await profileText(step, bound));
    },
  });
}

/** What replaying costs the host, where the device does not make it wait. */
async function hostText(
  { name, title }: Workload,
  { plan }: BoundWorkload,
): Promise<string> {
  const { dispatches } = costOf(plan.program);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await suite.device.finished();
    const start = performance.now();
    plan.run();
    times.push(performance.now() - start);
  }
  const microseconds = 1000 * medianOf(times);
  await suite.device.finished();
  return `${name}, ${title}: ${STEP.batch} images in ${dispatches} dispatches, ` +
    `${figure(microseconds / dispatches)} µs of the host each`;
}

/** Labels that a table names; the rest takes little. */
const MOST_LABELS = 16;

/** Profiles of which the medians are shown. */
const PROFILES = 3;

/** Time by label of dispatch, most first. */
async function profileText(
  { name }: Workload,
  { plan }: BoundWorkload,
): Promise<string> {
  const rows = await profileOften(plan);
  const flops = flopsByLabel(plan.program);
  const all = rows.reduce((sum, { ticks }) => sum + ticks, 0);
  const text = tableText(
    [`${name} by dispatch`, "count", "ms", "share", "GFLOP/s", "of peak"],
    [...rows.slice(0, MOST_LABELS), othersOf(rows)].map((row) => {
      const { label, dispatches, ticks } = row;
      const nanoseconds = ticks * nanosecondsPerTick!;
      const rate = (flops.get(label) ?? 0) / nanoseconds;
      return [
        label,
        String(dispatches),
        figure(nanoseconds / 1e6),
        share(ticks, all),
        ...(rate ? [figure(rate), share(rate, suite.ceiling.gflops)] : []),
      ];
    }),
  );
  const sum = figure(all * nanosecondsPerTick! / 1e6);
  return `${text}\n${sum} ms in all, each dispatch in a pass of its own`;
}

/** The medians of several profiles, longest first. */
async function profileOften(plan: Plan): Promise<ProfileRow[]> {
  const profiles: ProfileRow[][] = [];
  for (let i = 0; i < PROFILES; i++) profiles.push(await profile(plan));
  return profiles[0]!.map(({ label, dispatches }) => {
    const ticks = profiles.map((rows) =>
      rows.find((row) => row.label === label)!.ticks
    );
    return { label, dispatches, ticks: medianOf(ticks) };
  }).sort((a, b) => b.ticks - a.ticks);
}

/** What a table leaves out, as one row. */
function othersOf(rows: readonly ProfileRow[]): ProfileRow {
  const rest = rows.slice(MOST_LABELS);
  const total = (value: (row: ProfileRow) => number) =>
    rest.reduce((sum, row) => sum + value(row), 0);
  return {
    label: `${rest.length} others`,
    dispatches: total(({ dispatches }) => dispatches),
    ticks: total(({ ticks }) => ticks),
  };
}

function flopsByLabel({ blocks: segments }: Program): Map<string, number> {
  const flops = new Map<string, number>();
  for (const { repeat, dispatches } of segments) {
    for (const { label, flops: work = 0 } of dispatches) {
      flops.set(label, (flops.get(label) ?? 0) + repeat * work);
    }
  }
  return flops;
}
