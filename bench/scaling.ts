// How training scales: images per second of a step against its batch and the network's
// width and depth, for standard training, vanilla AT and TRADES (PGD-10).
//
//   deno task bench:scaling [--networks 16-1,34-10] [--batches 16,32,64]
//     [--methods standard,vanilla-at,trades] [--steps 20] [--memory GIB]
//     [--precision f16]
//
// Networks are wide residual networks by depth and width. Without options, a GPU gets
// WRN-16-1 to WRN-34-10 with 16 to 512 images, a processor what it can do in minutes.
// A batch that does not fit ends its line, and so does one whose program needs more
// than `--memory`. Results are written to `results/` as JSON and, a chart for each
// method, as SVG, named after the device.

import { parseArgs } from "node:util";
import type { Experiment } from "../src/config/experiment.ts";
import { recipe } from "../src/recipes/mod.ts";
import { applySettings } from "../src/config/settings.ts";
import { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import { checkFits } from "../src/step/device_fit.ts";
import { compileTraining } from "../src/step/compiled_step.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { STEP } from "./inputs.ts";
import { Stopwatch } from "../src/gpu/stopwatch.ts";
import {
  type ScalingPoint,
  type ScalingReport,
  writeScaling,
} from "./scaling_report.ts";
import { loadText, share } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";
import { bindRandomTraining, timeTraining } from "./timed_training.ts";

/** What is measured where nothing is asked for. */
const DEFAULTS = {
  gpu: {
    networks: "16-1,16-4,28-4,28-10,34-10",
    batches: "16,32,64,128,256,512",
    steps: "20",
    memory: "Infinity",
  },
  software: {
    networks: "10-1,16-1",
    batches: "16,32,64",
    steps: "1",
    memory: "4",
  },
} as const;

const RECIPES: Readonly<Record<string, string>> = {
  "standard": "table1/standard",
  "vanilla-at": "table1/vanilla-at",
  "trades": "table1/trades",
};

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    networks: { type: "string" },
    batches: { type: "string" },
    methods: { type: "string", default: Object.keys(RECIPES).join() },
    steps: { type: "string" },
    memory: { type: "string" },
    precision: { type: "string", default: "f32" },
  },
});

let device = await Device.open();
const { adapterClass, description } = device.adapter;
const chosen = { ...DEFAULTS[adapterClass], ...options };
const steps = Number(chosen.steps);
let watch = await Stopwatch.for(device);
const ceiling: Ceiling = await measureCeiling(device, watch);
print(
  `${description}, Deno ${Deno.version.deno}, ${loadText()}\n` +
    `peak ${figure(ceiling.gflops)} GFLOP/s, ${options.precision}`,
);
const points: ScalingPoint[] = [];
const ends: string[] = [];
for (const method of options.methods.split(",")) {
  for (const network of chosen.networks.split(",")) {
    await measureLine(method, network);
  }
}
const report: ScalingReport = {
  date: new Date().toISOString().slice(0, 10),
  deno: Deno.version.deno,
  device: description,
  load: loadText(),
  precision: options.precision,
  peak: ceiling.gflops,
  steps,
  ends,
  points,
};
print(`\n${scalingTable()}`);
for (const path of await writeScaling(report)) print(`wrote ${path}`);
device.dispose();

/** Measures one network and method over the batches, until one does not fit. */
async function measureLine(method: string, network: string): Promise<void> {
  for (const batch of chosen.batches.split(",").map(Number)) {
    const name = `WRN-${network}, ${method}, ${batch} images`;
    const problem = await measurePoint({ method, network, batch })
      .catch((error: Error) => error.message);
    if (problem === null) continue;
    ends.push(`${name}: ${problem}`);
    print(`${name}: does not fit: ${problem}`);
    // A device that has failed stays so.
    device.dispose();
    device = await Device.open();
    watch = await Stopwatch.for(device);
    return;
  }
}

/** Measures one batch; why it does not fit, if it does not. */
async function measurePoint(
  { method, network, batch }: {
    readonly method: string;
    readonly network: string;
    readonly batch: number;
  },
): Promise<string | null> {
  const experiment = experimentOf({ method, network, batch });
  const { programs: { full: program } } = compileTraining(experiment, {
    count: batch,
    shape: { channels: 3, height: STEP.side, width: STEP.side },
    classes: STEP.classes,
    ...device.adapter,
  });
  checkFits(program, { limits: device.limits, device: description });
  const { scratchBytes, variableBytes } = costOf(program);
  const gibibytes = (scratchBytes + variableBytes) / 2 ** 30;
  if (gibibytes > Number(chosen.memory)) {
    return `expected at most ${chosen.memory} GiB but found ${
      figure(gibibytes)
    }`;
  }
  using bound = await bindRandomTraining(device, experiment);
  const cost = await timeTraining(bound, { watch, steps });
  const rate = batch / cost.seconds;
  points.push({ method, network: `WRN-${network}`, batch, ...cost });
  print(
    `WRN-${network}, ${method}, ${batch} images: ${figure(rate)} images/s`,
  );
  return null;
}

function experimentOf(
  { method, network, batch }: {
    readonly method: string;
    readonly network: string;
    readonly batch: number;
  },
): Experiment {
  const [depth, width] = network.split("-");
  const name = RECIPES[method];
  if (name === undefined) {
    throw new RangeError(
      `Cannot measure ${method}: expected one of ${
        Object.keys(RECIPES).join(", ")
      }`,
    );
  }
  return applySettings(recipe(name), [
    `student={"network":"wide-resnet","depth":${depth},"width":${width}}`,
    `batchSize=${batch}`,
    `precision=${options.precision}`,
  ]);
}

function scalingTable(): string {
  const head = ["", "batch", "images/s", "GFLOP/s", "of peak", "GiB", "host"];
  return tableText(
    head,
    points.map((point) => {
      const { network, method, batch, seconds, flops, bytes } = point;
      const rate = flops / seconds / 1e9;
      return [
        `${network}, ${method}`,
        String(batch),
        figure(batch / seconds),
        figure(rate),
        share(rate, ceiling.gflops),
        figure(bytes / 2 ** 30),
        `${(100 * point.hostSeconds / seconds).toFixed(1)} %`,
      ];
    }),
  );
}
