// What the paper's runs need on a GPU, counted from their compiled programs: data,
// networks, optimizers, and every buffer of a step, teacher included. On a device, the
// buffers are as large as this (`deno task bench:memory`).

import { assert, assertStringIncludes } from "@std/assert";
import { planText } from "../../src/cli/commands/explain.ts";
import { extentOf } from "../../src/data/load_dataset.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { recipe } from "../../src/recipes/mod.ts";
import { applySettings } from "../../src/config/settings.ts";
import { bytesText } from "../../src/base/amounts.ts";
import {
  estimateRun,
  type RunEstimate,
} from "../../src/trainer/run_estimate.ts";

const GB = 1e9;

/** TRADES + FRPAT of the paper, batch 128, beside its ResNet-18. */
const PAPER = recipe("table1/trades-frpat");
const SMALLER = applySettings(PAPER, ['student={"network":"resnet18"}']);

async function planOf(experiment: Experiment): Promise<RunEstimate> {
  const extent = await extentOf(experiment.data);
  return estimateRun(experiment, { extent, target: { adapterClass: "gpu" } });
}

for (
  const { name, experiment, gigabytes } of [
    { name: "WRN-34-10", experiment: PAPER, gigabytes: 24 },
    { name: "ResNet-18", experiment: SMALLER, gigabytes: 6 },
  ]
) {
  Deno.test(`TRADES + FRPAT with ${name} fits in ${gigabytes} GB, and in less where asked`, async () => {
    const plan = await planOf(experiment);
    const recomputed = await planOf({ ...experiment, recompute: true });
    const half = await planOf({ ...experiment, precision: "f16" });
    for (const { bytes } of [plan, recomputed, half]) {
      assert(bytes < gigabytes * GB, bytesText(bytes));
    }
    assert(recomputed.bytes < 0.6 * plan.bytes, bytesText(recomputed.bytes));
    assert(half.bytes < 0.7 * plan.bytes, bytesText(half.bytes));
    assertStringIncludes(
      planText(experiment, plan),
      `memory on the device: ${bytesText(plan.bytes)}`,
    );
  });
}
