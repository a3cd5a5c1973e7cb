// The ceiling that kernels are compared with: what the same device does in the same
// run when it only multiplies and adds, or only copies. A share of it says more
// than a time, since machines differ and shared ones differ from hour to hour.

import type { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import type { Program } from "../src/gpu/program.ts";
import type { Stopwatch } from "../src/gpu/stopwatch.ts";
import source from "./multiply_add.wgsl" with { type: "text" };

/** The most that a device was seen to do. */
export interface Ceiling {
  /** Billions of floating-point operations per second, a multiply-add being two. */
  readonly gflops: number;
  /** Billions of bytes per second that a copy reads and writes, both counted. */
  readonly gigabytes: number;
}

/** Chains per invocation that are tried: as many as registers is best, not known. */
const CHAINS = [8, 10, 12, 16, 24] as const;

const WORKGROUP_SIZE = 64;
const LINKS = 16;

/** Invocations: enough to keep a large GPU busy, or few for a processor. */
const INVOCATIONS = { gpu: 1 << 20, software: 1 << 14 } as const;
const TRIPS = 64;

/** Bytes that are copied. */
const COPIED = 1 << 26;

/**
 * Measures a device's ceiling. A software adapter that shares its processor is taken to
 * be as fast as its processor time says.
 */
export async function measureCeiling(
  device: Device,
  watch: Stopwatch,
): Promise<Ceiling> {
  using memory = new Memory(device);
  const software = device.adapter.adapterClass === "software";
  let gflops = 0;
  for (const chains of CHAINS) {
    const program = chainProgram(
      chains,
      INVOCATIONS[device.adapter.adapterClass],
    );
    using plan = await Plan.bind(program, memory);
    const { best, processor } = await watch.measure(() => plan.run());
    const { flops = 0 } = program.blocks[0]!.dispatches[0]!;
    const milliseconds = software ? Math.min(best, processor) : best;
    gflops = Math.max(gflops, flops / milliseconds / 1e6);
  }
  const [from, to] = ["from", "to"].map((label) =>
    memory.buffer({}, { label, size: COPIED })
  );
  const { best } = await watch.measure(() => {
    const encoder = device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from!, 0, to!, 0, COPIED);
    device.submit(encoder);
  });
  return { gflops, gigabytes: 2 * COPIED / best / 1e6 };
}

function chainProgram(chains: number, invocations: number): Program {
  const size = 4 * invocations;
  return {
    name: "multiply-add",
    buffers: [{ label: "ends", size, variable: {} }],
    blocks: [{
      repeat: 1,
      dispatches: [{
        label: "multiply-add",
        kernel: {
          name: "multiply_add",
          source,
          constants: { CHAINS: chains },
        },
        reads: [],
        writes: [{ buffer: 0, offset: 0, size }],
        // The factor keeps the numbers away from zero and infinity.
        arguments: { trips: TRIPS, factor: 0.999, addend: 0.5 },
        workgroups: [invocations / WORKGROUP_SIZE, 1, 1],
        flops: 2 * chains * LINKS * TRIPS * invocations,
      }],
    }],
  };
}
