// What the paper's runs need on a GPU, counted from their compiled programs: data,
// networks, optimizers, and every buffer of a step, teacher included. On a device, the
// buffers are as large as this (`deno task bench:memory`).

import { assert, assertStringIncludes } from "@std/assert";
import { estimateText } from "../../src/cli/commands/explain.ts";
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

async function estimateOf(experiment: Experiment): Promise<RunEstimate> {
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
    const estimate = await estimateOf(experiment);
    const recomputed = await estimateOf({ ...experiment, recompute: true });
    const half = await estimateOf({ ...experiment, precision: "f16" });
    for (const { bytes } of [estimate, recomputed, half]) {
      assert(bytes < gigabytes * GB, bytesText(bytes));
    }
    assert(
      recomputed.bytes < 0.6 * estimate.bytes,
      bytesText(recomputed.bytes),
    );
    assert(half.bytes < 0.7 * estimate.bytes, bytesText(half.bytes));
    assertStringIncludes(
      estimateText(experiment, estimate),
      `memory on the device: ${bytesText(estimate.bytes)}`,
    );
  });
}
