// What FRPAT adds to a training step, its teacher included: the share of time measured
// here, turn by turn with the same step without it, the share of arithmetic that this
// pair predicts, and what the paper's own pair predicts and reports (Table 3: epochs of
// 849 s instead of 821 s, and of 1109 s instead of 1079 s).
//
//   deno task bench:frpat [--student 34-10] [--teacher resnet18-lbgat | WIDTH]
//     [--batch 128] [--turns 20] [--precision f16]
//
// Without options, a GPU gets the paper's pair. A processor gets WRN-10-2 beside a
// ResNet-8 of width 16 with 32 images: its teacher's forward pass has 0.26 of its
// student's arithmetic, as in the paper (0.26), and time follows arithmetic, so that
// the shares are comparable. What does not follow it is the relation loss, over pairs
// of images, which weighs more beside smaller networks.

import { parseArgs } from "node:util";
import type {
  ArchitectureConfig,
  Experiment,
} from "../src/config/experiment.ts";
import { recipe } from "../src/recipes/mod.ts";
import { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import { compileTraining } from "../src/step/compiled_step.ts";
import { STEP } from "./inputs.ts";
import { type Cost, medianOf, Stopwatch } from "../src/gpu/stopwatch.ts";
import { loadText } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";
import { bindRandomTraining, hostSeconds } from "./timed_training.ts";

const DEFAULTS = {
  gpu: {
    student: "34-10",
    teacher: "resnet18-lbgat",
    batch: "128",
    turns: "20",
  },
  software: { student: "10-2", teacher: "16", batch: "32", turns: "5" },
} as const;

/** A method, and the seconds of an epoch that the paper reports: with FRPAT, without. */
const METHODS = [
  { name: "vanilla-at", title: "vanilla AT", paper: [849, 821] },
  { name: "trades", title: "TRADES", paper: [1109, 1079] },
] as const;

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    student: { type: "string" },
    teacher: { type: "string" },
    batch: { type: "string" },
    turns: { type: "string" },
    precision: { type: "string", default: "f32" },
  },
});
const precision: Experiment["precision"] = options.precision === "f16"
  ? "f16"
  : "f32";

using device = await Device.open();
const watch = await Stopwatch.for(device);
const { adapterClass, description } = device.adapter;
const chosen = { ...DEFAULTS[adapterClass], ...options };
const turns = Number(chosen.turns);
const student = wideResNet(chosen.student);
const teacher = teacherOf(chosen.teacher);
print(
  `${description}, Deno ${Deno.version.deno}, ${loadText()}\n` +
    `WRN-${chosen.student} beside ${
      chosen.teacher.startsWith("resnet") ? "" : "ResNet-8 of width "
    }${chosen.teacher}, batch ${chosen.batch}, ${precision}, ${turns} turns\n`,
);
const rows: string[][] = [];
for (const method of METHODS) rows.push(await measure(method));
print(tableText([
  "FRPAT on",
  "without, s",
  "with, s",
  "adds",
  "of processor time",
  "predicted",
  "paper's pair predicts",
  "paper reports",
  "host",
], rows));

/** Times a method's step with and without FRPAT; a row of the table. */
async function measure(
  { name, title, paper }: typeof METHODS[number],
): Promise<string[]> {
  const setting = { student, batchSize: Number(chosen.batch), precision };
  const plain = { ...recipe(`table1/${name}`), ...setting };
  const with_ = { ...recipe(`table1/${name}-frpat`), ...setting, teacher };
  using without = await bindRandomTraining(device, plain);
  using added = await bindRandomTraining(device, with_);
  await watch.time(() => without.plan.run(), 1);
  await watch.time(() => added.plan.run(), 1);
  const costs: (readonly [Cost, Cost])[] = [];
  for (let turn = 0; turn < turns; turn++) {
    costs.push([
      await watch.time(() => without.plan.run(), 1),
      await watch.time(() => added.plan.run(), 1),
    ]);
  }
  const seconds = [0, 1].map((i) =>
    medianOf(costs.map((pair) => pair[i]!.wall / 1000))
  );
  const share = (kind: keyof Cost) =>
    medianOf(costs.map(([before, after]) => after[kind] / before[kind])) - 1;
  const host = await hostSeconds(added);
  return [
    title,
    figure(seconds[0]!),
    figure(seconds[1]!),
    percent(share("wall")),
    // What a processor computes for us, this process computes.
    adapterClass === "software" ? percent(share("processor")) : "–",
    percent(added.flops / without.flops - 1),
    percent(
      flopsOf(recipe(`table1/${name}-frpat`)) /
          flopsOf(recipe(`table1/${name}`)) - 1,
    ),
    percent(paper[0] / paper[1] - 1),
    percent(host / seconds[1]!),
  ];
}

/** Arithmetic of a recipe's step, as a GPU would do it. */
function flopsOf(experiment: Experiment): number {
  const { programs } = compileTraining(experiment, {
    count: experiment.batchSize,
    shape: { channels: 3, height: STEP.side, width: STEP.side },
    classes: STEP.classes,
    adapterClass: "gpu",
  });
  return costOf(programs.full).flops;
}

function wideResNet(name: string): ArchitectureConfig {
  const [depth, width] = name.split("-").map(Number) as [number, number];
  return { network: "wide-resnet", depth, width };
}

function teacherOf(name: string): ArchitectureConfig {
  return name === "resnet18-lbgat" || name === "resnet18"
    ? { network: name }
    : { network: "resnet8", width: Number(name) };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
