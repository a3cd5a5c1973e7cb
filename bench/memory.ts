// Does memory stay where it was planned? Two questions, asked of real training
// sessions on random images:
//
//   - do the buffers on the device take what `explain` counts before anything has
//     run, and the process not much more,
//   - does the process grow over 10,000 small steps, with the running sums read
//     every 50 steps, as training does.
//
// `deno task bench:memory [recipe] [steps]`

import type { Split } from "../src/data/dataset.ts";
import type { Experiment } from "../src/config/experiment.ts";
import { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import { words } from "../src/base/random_sequence.ts";
import { DEFAULT_RECIPE, recipe } from "../src/recipes/mod.ts";
import { TrainingSession } from "../src/trainer/session.ts";
import { BufferAccount } from "./buffer_account.ts";
import { EXPERIMENT } from "./network_workloads.ts";
import { loadText } from "./suite.ts";
import { print, tableText } from "./table.ts";

const MIB = 2 ** 20;

/** Steps between two looks at the process. */
const SAMPLE = 500;

/** Steps between two readings of the running sums. */
const READ = 50;

/** A step that a software device takes in milliseconds, with every kind of kernel. */
const SMALL: Experiment = {
  ...EXPERIMENT,
  title: "ResNet-8 of 4 channels on 8 x 8 pixels",
  batchSize: 4,
  student: { network: "resnet8", width: 4 },
};

const [name = DEFAULT_RECIPE, steps = "10000"] = Deno.args;
// The driver and its compiler are in the process already when it is compared.
await trainFor(Number(steps));
await compareWithPlan(recipe(name));

/** Planned and real bytes of a recipe's training. */
async function compareWithPlan(experiment: Experiment): Promise<void> {
  const before = Deno.memoryUsage().rss;
  using device = await Device.open();
  const account = new BufferAccount(device);
  await using session = await open(device, experiment, 32);
  const { scratchBytes, variableBytes } = costOf(session.step.programs.full);
  for (let step = 0; step < 3; step++) session.runStep(step);
  await session.sums();
  const planned = scratchBytes + variableBytes;
  const { rss } = Deno.memoryUsage();
  const rows: [string, number][] = [
    ["planned: scratch", scratchBytes],
    ["planned: variables", variableBytes],
    ["buffers at their peak", account.peak],
    ["beyond the plan", account.peak - planned],
    ["growth of the process", rss - before],
  ];
  print("");
  print(tableText(
    [`${experiment.name}, 3 steps`, "MiB"],
    rows.map(([what, bytes]) => [what, (bytes / MIB).toFixed(2)]),
  ));
}

/** Follows the process over many small steps. */
async function trainFor(steps: number): Promise<void> {
  using device = await Device.open();
  const account = new BufferAccount(device);
  await using session = await open(device, SMALL, 8);
  const samples: { step: number; rss: number }[] = [];
  const rows: string[][] = [];
  for (let step = 0; step < steps; step++) {
    session.runStep(step);
    if ((step + 1) % READ === 0) await session.sums();
    if ((step + 1) % SAMPLE > 0) continue;
    const { rss, heapUsed } = Deno.memoryUsage();
    samples.push({ step: step + 1, rss });
    rows.push([
      String(step + 1),
      ...[rss, heapUsed, account.now].map((b) => (b / MIB).toFixed(2)),
    ]);
  }
  const head = ["step", "process MiB", "heap MiB", "buffers MiB"];
  print(`${device.adapter.description}, ${loadText()}\n`);
  print(`${SMALL.title}, batch ${SMALL.batchSize}\n`);
  print(tableText(head, rows));
  // The first tenth still fills caches and pools.
  const settled = samples.filter(({ step }) => step > steps / 10);
  print(
    `\nprocess: ${slope(settled).toFixed(1)} bytes per step after the ` +
      `first ${steps / 10} steps`,
  );
}

/** A session on four batches of random square images. */
function open(
  device: Device,
  experiment: Experiment,
  side: number,
): Promise<TrainingSession> {
  const shape = { channels: 3, height: side, width: side } as const;
  const classNames = Array.from({ length: 10 }, (_, i) => String(i));
  const count = 4 * experiment.batchSize;
  const split: Split = {
    images: randomBytes("images", count * 3 * side * side),
    labels: randomBytes("labels", count).map((byte) => byte % 10),
    count,
  };
  const dataset = { shape, classNames };
  return TrainingSession.open(device, { experiment, dataset, split });
}

function randomBytes(stream: string, count: number): Uint8Array<ArrayBuffer> {
  const random = words({ seed: 1, stream, step: 0 }, Math.ceil(count / 4));
  return new Uint8Array(random.buffer, 0, count);
}

/** Bytes per step of the straight line that fits best. */
function slope(
  samples: readonly { readonly step: number; readonly rss: number }[],
): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [
    mean(samples.map(({ step }) => step)),
    mean(samples.map(({ rss }) => rss)),
  ];
  let [above, below] = [0, 0];
  for (const { step, rss } of samples) {
    above += (step - x) * (rss - y);
    below += (step - x) ** 2;
  }
  return above / below;
}
