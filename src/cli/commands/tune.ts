// `tune`: which convolution algorithms are the fastest for a recipe on this machine's
// device. Runs that are begun later use them, and record which they used.

import { countedText, digitsText } from "../../base/amounts.ts";
import { EXIT } from "../../base/errors.ts";
import { tableLines } from "../../base/text_table.ts";
import { extentOf } from "../../data/load_dataset.ts";
import type { MeasuredPass } from "../../ops/conv/measure_pass.ts";
import { fastestOf } from "../../ops/conv/tune.ts";
import { DEFAULT_RECIPE } from "../../recipes/mod.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";
import {
  CHANGES,
  chosenExperiment,
  DATA,
  RECIPE,
} from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { measureAlgorithms, TUNING_SECONDS } from "./tuning.ts";

/** Measures convolution algorithms. */
export const TUNE: Command = {
  name: "tune",
  about: "Measure which kernels are the fastest for a recipe on this device",
  argument: {
    ...RECIPE,
    required: false,
    about: `${RECIPE.about}; ${DEFAULT_RECIPE} if left out`,
  },
  options: [
    ...CHANGES,
    DATA,
    {
      name: "seconds",
      value: "N",
      about: `Begin no further shape after N seconds, ${TUNING_SECONDS} if ` +
        "left out",
    },
    { name: "again", about: "Measure again what is known" },
  ],
  examples: [
    "tune",
    "tune table1/trades-frpat --seconds 120",
    "tune shapes/frpat --set precision=f16",
  ],
  run: tuneRecipe,
};

async function tuneRecipe(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const experiment = chosenExperiment(invocation);
  const seconds = invocation.whole("seconds", { least: 1 }) ?? TUNING_SECONDS;
  const extent = await extentOf(experiment.data, {
    folder: invocation.value("data"),
  });
  const again = invocation.flag("again");
  const request = { experiment, extent, seconds, again };
  const { path, tuned, measured, left, isStopped } = await measureAlgorithms(
    request,
    terminal,
  );
  if (measured.length) terminal.print(tuningTable(measured));
  for (const failure of measured.flatMap(({ failures }) => failures)) {
    terminal.warn(`Left out: ${failure}`);
  }
  const count = Object.keys(tuned).length;
  terminal.print(
    measured.length
      ? `${countedText(count, "shape")} in ${path}; "train" and "evaluate" ` +
        "use them from now on"
      : left.length
      ? "Nothing was measured"
      : `Every shape of ${experiment.name} is known already, in ${path}`,
    { wrap: true },
  );
  if (left.length) {
    terminal.print(
      `${countedText(left.length, "shape")} not measured; "tune" goes on there`,
    );
  }
  return isStopped ? EXIT.interrupted : EXIT.done;
}

/** What was measured, a row for each shape: the usual algorithm and the fastest. */
export function tuningTable(measured: readonly MeasuredPass[]): string {
  const rows = measured.map(({ key, times }) => {
    const [usual] = times;
    const fastest = fastestOf(times);
    if (!usual || !fastest) return [key, "none", "", "", ""];
    const isUsual = fastest === usual;
    return [
      key,
      usual.algorithm,
      digitsText(usual.milliseconds),
      isUsual ? "the same" : fastest.algorithm,
      isUsual ? "" : digitsText(fastest.milliseconds),
    ];
  });
  const head = ["shape", "by arithmetic", "ms", "fastest", "ms"];
  return tableLines([head, ...rows], { left: 4 }).join("\n");
}
