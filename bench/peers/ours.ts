// This project as a contender.

import { Device } from "../../src/gpu/device.ts";
import { workload } from "../workloads.ts";
import { serve } from "./contender.ts";

const device = await Device.open();
await serve({
  describe: () => Promise.resolve(device.adapter.description),
  async prepare(name) {
    const bound = await workload(name).bind(device);
    return {
      run: () => bound.plan.run(),
      finished: () => device.finished(),
      answer: () => bound.answer(),
    };
  },
});
Deno.exit();
