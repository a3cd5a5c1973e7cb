// How training scales: images per second of a step against its batch and the network's
// width and depth, for standard training, vanilla AT and TRADES (PGD-10).
//
//   deno task bench:scaling [--networks 16-1,34-10] [--batches 16,32,64]
//     [--methods standard,vanilla-at,trades] [--turns 5] [--steps 10] [--memory GIB]
//     [--precision f16]
//
// Networks are wide residual networks by depth and width. Without options, a GPU gets
// WRN-16-1 to WRN-34-10 with 16 to 512 images, a processor what it can do in minutes.
// The batches of a network and method take turns of `--steps` steps each, and a line is
// laid through their times: a step's fixed part, what an image adds, and how far from the
// line the farthest batch lies. A batch that does not fit is left out, and so is one whose
// program needs more than `--memory`. Results are written to `results/` as JSON and, a
// chart for each method, as SVG, named after the device.

import { parseArgs } from "node:util";
import type { Experiment } from "../src/config/experiment.ts";
import { recipe } from "../src/recipes/mod.ts";
import { applySettings } from "../src/config/settings.ts";
import { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import { checkFits } from "../src/step/device_fit.ts";
import { compileTraining } from "../src/step/compiled_step.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { STEP } from "./inputs.ts";
import { lineThrough } from "./line_fit.ts";
import { Stopwatch } from "../src/gpu/stopwatch.ts";
import {
  type ScalingPoint,
  type ScalingReport,
  writeScaling,
} from "./scaling_report.ts";
import { loadText, share } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";
import { bindRandomTraining, timeTrainings } from "./timed_training.ts";

/** What is measured where nothing is asked for. */
const DEFAULTS = {
  gpu: {
    networks: "16-1,16-4,28-4,28-10,34-10",
    batches: "16,32,64,128,256,512",
    steps: "10",
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
    turns: { type: "string", default: "5" },
    steps: { type: "string" },
    memory: { type: "string" },
    precision: { type: "string", default: "f32" },
  },
});

let device = await Device.open();
const { adapterClass, description } = device.adapter;
const chosen = { ...DEFAULTS[adapterClass], ...options };
const [turns, steps] = [Number(chosen.turns), Number(chosen.steps)];
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
  turns,
  steps,
  ends,
  points,
};
print(`\n${scalingTable()}\n\n${lineTable()}`);
for (const path of await writeScaling(report)) print(`wrote ${path}`);
device.dispose();

/** Measures one network and method over the batches that fit. */
async function measureLine(method: string, network: string): Promise<void> {
  const bound: { batch: number; training: BoundWorkload }[] = [];
  // Largest first, so that the others fit into its scratch buffers.
  const batches = chosen.batches.split(",").map(Number).sort((a, b) => b - a);
  for (const batch of batches) {
    try {
      const training = await bindPoint({ method, network, batch });
      bound.unshift({ batch, training });
    } catch (error) {
      const name = `WRN-${network}, ${method}, ${batch} images`;
      const { message } = error as Error;
      ends.push(`${name}: ${message}`);
      print(`${name}: does not fit: ${message}`);
      // A device that has failed stays so.
      bound.length = 0;
      device.dispose();
      device = await Device.open();
      watch = await Stopwatch.for(device);
    }
  }
  const trainings = bound.map(({ training }) => training);
  const costs = await timeTrainings(trainings, { watch, turns, steps });
  bound.forEach(({ batch }, i) => {
    const cost = costs[i]!;
    points.push({ method, network: `WRN-${network}`, batch, ...cost });
    const rate = figure(batch / cost.seconds);
    print(`WRN-${network}, ${method}, ${batch} images: ${rate} images/s`);
  });
  for (const training of trainings) training.dispose();
}

/** Binds a training of one batch. */
function bindPoint(
  { method, network, batch }: {
    readonly method: string;
    readonly network: string;
    readonly batch: number;
  },
): Promise<BoundWorkload> {
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
    throw new RangeError(
      `expected at most ${chosen.memory} GiB but found ${figure(gibibytes)}`,
    );
  }
  return bindRandomTraining(device, experiment);
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

/** Every point; of times, the wall's and the processor's, per image. */
function scalingTable(): string {
  const times = ["images/s", "ms each", "processor ms each"];
  return tableText(
    ["", "batch", ...times, "GFLOP/s", "of peak", "GiB", "host"],
    points.map((point) => {
      const { network, method, batch, seconds, flops, bytes } = point;
      const rate = flops / seconds / 1e9;
      return [
        `${network}, ${method}`,
        String(batch),
        figure(batch / seconds),
        figure(1000 * seconds / batch),
        figure(1000 * point.processorSeconds / batch),
        figure(rate),
        share(rate, ceiling.gflops),
        figure(bytes / 2 ** 30),
        `${(100 * point.hostSeconds / seconds).toFixed(1)} %`,
      ];
    }),
  );
}

/** How a step grows with its batch: in processor time where that is the device's. */
function lineTable(): string {
  const software = adapterClass === "software";
  const timeOf = (point: ScalingPoint) =>
    1000 * (software ? point.processorSeconds : point.seconds);
  const lines = Map.groupBy(
    points,
    ({ network, method }) => `${network}, ${method}`,
  );
  const unit = software ? "processor ms" : "ms";
  return tableText(
    [`${unit} of a step`, "fixed", "per image", "farthest from the line"],
    [...lines].map(([name, own]) => {
      const line = lineThrough(own.map((p) => ({ x: p.batch, y: timeOf(p) })));
      const off = `${(100 * line.deviation).toFixed(1)} %`;
      return [name, figure(line.fixed), figure(line.slope), off];
    }),
  );
}
