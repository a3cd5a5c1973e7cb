// `profile`: the time of every dispatch of a recipe's step on this machine. The images
// are noise and the networks untrained, which does not change the cost of a step.

import {
  countedText,
  countText,
  digitsText,
  scaledText,
  shortDurationText,
} from "../../base/amounts.ts";
import { experimentExtent } from "../../trainer/added_data.ts";
import { checkFits } from "../../step/device_fit.ts";
import { Plan } from "../../gpu/plan.ts";
import { profile, type ProfileRow } from "../../gpu/profile.ts";
import type { Program } from "../../gpu/program.ts";
import { selfTests } from "../../gpu/self_tests.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { tableLines } from "../../base/text_table.ts";
import { openNoiseSession, timeSteps } from "../../trainer/noise_session.ts";
import { largestProgram } from "../../step/compiled_step.ts";
import { EXIT } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import {
  CHANGES,
  chosenExperiment,
  DATA,
  RECIPE,
} from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice } from "./machine.ts";

/** The default number of timed steps. */
const STEPS = 3;

/** Times a recipe's step. */
export const PROFILE: Command = {
  name: "profile",
  about: "Time every kind of dispatch in a recipe's training step",
  argument: RECIPE,
  options: [
    ...CHANGES,
    DATA,
    {
      name: "steps",
      value: "N",
      about: `Steps to time as a whole, ${STEPS} if left out`,
    },
  ],
  examples: ["profile shapes/frpat", "profile table1/vanilla-at --steps 20"],
  run: profileRecipe,
};

async function profileRecipe(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const steps = invocation.whole("steps", { least: 1 }) ?? STEPS;
  const experiment = chosenExperiment(invocation);
  using device = await openDevice({ timestamps: true });
  const folder = invocation.value("data");
  const extent = await experimentExtent(experiment, { folder });
  const target = device.adapter;
  const { step } = estimateRun(experiment, { extent, target });
  const { limits, adapter: { description } } = device;
  checkFits(largestProgram(step), { limits, device: description });
  const { nanosecondsPerTick } = await selfTests(device);
  if (nanosecondsPerTick === null) {
    terminal.warn(`Note: ${description} has no timestamps: whole steps only`);
  }
  await using session = await openNoiseSession(device, { experiment, extent });
  const seconds = await timeSteps(session, steps);
  const perStep = seconds / steps;
  const images = experiment.batchSize / perStep;
  terminal.print(
    `${experiment.name} on ${description}: ${
      shortDurationText(perStep)
    } per step ` +
      `of ${countText(experiment.batchSize)} images, ` +
      `${digitsText(images)} images/s over ${countedText(steps, "step")}\n`,
  );
  if (nanosecondsPerTick === null) return EXIT.done;
  const program = session.step.programs.full;
  using plan = await Plan.bind(program, session.memory);
  const rows = await profile(plan);
  terminal.print(profileTable(rows, { program, nanosecondsPerTick }));
  return EXIT.done;
}

/** The profile as text: one row for each label. */
export function profileTable(
  rows: readonly ProfileRow[],
  { program, nanosecondsPerTick }: {
    readonly program: Program;
    readonly nanosecondsPerTick: number;
  },
): string {
  const flops = flopsByLabel(program);
  const milliseconds = (ticks: number): number =>
    ticks * nanosecondsPerTick / 1e6;
  const all = rows.reduce((sum, { ticks }) => sum + ticks, 0);
  const cells = rows.map(({ label, dispatches, ticks }) => {
    const work = flops.get(label) ?? 0;
    const rate = work / (milliseconds(ticks) / 1000);
    return [
      label,
      countText(dispatches),
      milliseconds(ticks).toFixed(2),
      `${(100 * ticks / all).toFixed(1)} %`,
      work > 0 && ticks > 0 ? `${scaledText(rate)}FLOP/s` : "",
    ];
  });
  const total = rows.reduce((sum, { dispatches }) => sum + dispatches, 0);
  return tableLines([
    ["dispatch", "count", "ms", "share", "rate"],
    ...cells,
    ["all", countText(total), milliseconds(all).toFixed(2), "100.0 %"],
  ], { left: 1 }).join("\n");
}

/** Floating-point operations of a program by label, loops counted. */
function flopsByLabel({ blocks: segments }: Program): Map<string, number> {
  const flops = new Map<string, number>();
  for (const { repeat, dispatches } of segments) {
    for (const { label, flops: own = 0 } of dispatches) {
      flops.set(label, (flops.get(label) ?? 0) + repeat * own);
    }
  }
  return flops;
}
