// `info`: the device that would be used, what it can do, whether it computes correctly,
// and how to improve it.

import { bytesText, countText } from "../../base/amounts.ts";
import { extentOf } from "../../data/load_dataset.ts";
import { checkFits } from "../../step/device_fit.ts";
import type { Device } from "../../gpu/device.ts";
import { LOOP_TRIPS, type SelfTests, selfTests } from "../../gpu/self_tests.ts";
import { RECIPES } from "../../recipes/mod.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import { largestProgram } from "../../step/compiled_step.ts";
import { EXIT, UserError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { openDevice } from "./machine.ts";

/** Describes the device. */
export const INFO: Command = {
  name: "info",
  about: "Say which GPU is used, what it can do, and whether it counts right",
  options: [],
  examples: ["info"],
  async run(_invocation, terminal): Promise<number> {
    using device = await openDevice({ timestamps: true });
    const tests = await selfTests(device);
    const rows = [...deviceRows(device), ...testRows(tests)];
    const width = Math.max(...rows.map(([name]) => name.length));
    for (const [name, text] of rows) {
      terminal.print(`${name.padEnd(width)}  ${text}`);
    }
    const advice = [
      ...adviceOn(device.adapter, tests),
      ...await tooLarge(device),
    ];
    terminal.print();
    for (const line of advice.length ? advice : ["Nothing speaks against it"]) {
      terminal.print(`- ${line}`);
    }
    return testsPassed(tests) ? EXIT.done : EXIT.failed;
  },
};

type Row = readonly [name: string, text: string];

/** PCI and Khronos numbers of vendors, as WebGPU gives them. */
const VENDORS: Readonly<Record<string, string>> = {
  "4098": "AMD",
  "4203": "Apple",
  "4318": "NVIDIA",
  "5045": "Arm",
  "20803": "Qualcomm",
  "32902": "Intel",
  "65541": "Mesa",
};

function deviceRows({ adapter, limits }: Device): Row[] {
  const { description, vendor, adapterClass, subgroupSize, features } = adapter;
  return [
    ["adapter", description],
    ["vendor", VENDORS[vendor] ?? (vendor || "unknown")],
    ["kernels for", adapterClass === "gpu" ? "a GPU" : "a processor"],
    ["subgroups", subgroupSize ? `of ${subgroupSize}` : "none"],
    ["Deno", `${Deno.version.deno}, V8 ${Deno.version.v8}`],
    ["platform", Deno.build.target],
    ["buffers", `up to ${bytesText(limits.maxBufferSize)}`],
    [
      "bindings",
      `up to ${bytesText(limits.maxStorageBufferBindingSize)}, ` +
      `${limits.maxStorageBuffersPerShaderStage} per kernel`,
    ],
    [
      "workgroups",
      `up to ${
        countText(limits.maxComputeInvocationsPerWorkgroup)
      } invocations and ${bytesText(limits.maxComputeWorkgroupStorageSize)}`,
    ],
    ["features", features.join(", ")],
  ];
}

function testRows(
  { loopTrips, findsNan, nanosecondsPerTick }: SelfTests,
): Row[] {
  const trips = loopTrips === null
    ? "wrong: neither all of its trips nor the first ones"
    : `${loopTrips === LOOP_TRIPS ? "right" : "wrong"}: ` +
      `${countText(loopTrips)} of ${countText(LOOP_TRIPS)} trips`;
  return [
    ["long loops", trips],
    [
      "NaN",
      findsNan ? "right: found by its bits" : "wrong: taken for a number",
    ],
    [
      "timestamps",
      nanosecondsPerTick === null
        ? "none"
        : `${nanosecondsPerTick.toPrecision(3)} ns per tick`,
    ],
  ];
}

/** Whether a device computes correctly enough to train on. */
export function testsPassed({ loopTrips, findsNan }: SelfTests): boolean {
  return loopTrips !== null && findsNan;
}

/** Advice about a device: sentences without a period. */
export function adviceOn(
  { adapterClass }: Pick<Device["adapter"], "adapterClass">,
  { loopTrips, findsNan, nanosecondsPerTick }: SelfTests,
): string[] {
  const advice: string[] = [];
  if (adapterClass === "software") {
    advice.push(
      "This adapter runs on the processor: enough for the recipes in shapes/, " +
        "too slow for the paper's. If there is a GPU, its Vulkan driver is " +
        "missing or hidden",
    );
  }
  if (loopTrips !== null && loopTrips < LOOP_TRIPS) {
    advice.push(
      "The driver ends long loops early. Training keeps to shorter ones, but a " +
        "newer driver (Mesa 23 or later) is safer and faster",
    );
  }
  if (loopTrips === null || !findsNan) {
    advice.push(
      "Results on this driver cannot be trusted: install another version of it",
    );
  }
  if (nanosecondsPerTick === null) {
    advice.push(
      "Without timestamps, profile tells the time of whole steps only",
    );
  }
  return advice;
}

/** The reasons why the largest recipes do not fit on the device, one sentence each. */
async function tooLarge({ limits, adapter }: Device): Promise<string[]> {
  const all = RECIPES.filter(({ name }) => name.endsWith("/trades-frpat"));
  // Recipes of one size are many, and compiling one takes a second.
  const largest = new Map(
    all.toReversed().map((experiment) => {
      const { data, student, teacher, batchSize } = experiment;
      const size = JSON.stringify({ data, student, teacher, batchSize });
      return [size, experiment] as const;
    }),
  ).values();
  const found: string[] = [];
  for (const experiment of largest) {
    const extent = await extentOf(experiment.data);
    const { step } = estimateRun(experiment, { extent, target: adapter });
    const device = adapter.description;
    try {
      checkFits(largestProgram(step), { limits, device });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.push(`${experiment.name} does not fit: ${error.message}`);
    }
  }
  return found;
}
