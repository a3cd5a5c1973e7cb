// This project as a contender.

import { parseArgs } from "node:util";
import { Device } from "../../src/gpu/device.ts";
import { bindPaperStep, PAPER_STEPS, sizeFrom } from "../paper_workloads.ts";
import { workload } from "../workloads.ts";
import { serve } from "./contender.ts";

const { values: size } = parseArgs({
  args: Deno.args.slice(1),
  options: {
    batch: { type: "string" },
    depth: { type: "string" },
    width: { type: "string" },
  },
});

const device = await Device.open();
await serve({
  describe: () => Promise.resolve(device.adapter.description),
  async prepare(name) {
    const step = PAPER_STEPS.find((step) => step.name === name);
    const bound = step
      ? await bindPaperStep(device, step, sizeFrom(size))
      : await workload(name).bind(device);
    return {
      run: () => bound.plan.run(),
      finished: () => device.finished(),
      answer: () => bound.answer(),
    };
  },
});
Deno.exit();
