// Tests of a driver before a training run. Each is for a fault that was found in a driver
// and raises no error: some software drivers end any loop after 65,535 trips, and some
// compare NaN as if it were a number. Kernels keep to shorter loops on all drivers.
//
// WebGPU does not tell the length of a timestamp's tick. It is measured by two timestamps
// with a pause between, against the processor's clock.

import { WGSL } from "../wgsl/mod.gen.ts";
import type { Device } from "./device.ts";
import { type Located, Memory } from "./memory.ts";
import { Plan } from "./plan.ts";
import type { Program } from "./program.ts";
import { readBuffers } from "./readback.ts";

/** Trips of the loop that is tried: more than a 16-bit counter has. */
export const LOOP_TRIPS = 70_000;

/** Milliseconds between two timestamps. */
const PAUSE = 200;

/** Readings of the clocks, of which the promptest counts. */
const READINGS = 3;

/** The results of the tests. */
export interface SelfTests {
  /** Trips that a loop of {@linkcode LOOP_TRIPS} made; null if none of them. */
  readonly loopTrips: number | null;
  /** Whether NaN is found by its bits. */
  readonly findsNan: boolean;
  /** Nanoseconds per tick of a timestamp; null without timestamps. */
  readonly nanosecondsPerTick: number | null;
}

/** Runs all tests on a device. */
export async function selfTests(device: Device): Promise<SelfTests> {
  const answer: Located = {
    name: "answer",
    root: {},
    rootBytes: 8,
    byteOffset: 0,
    byteLength: 8,
  };
  using memory = new Memory(device);
  using plan = await Plan.bind(question(answer), memory);
  plan.run();
  const [bytes] = await memory.read([answer]);
  const [x, nan] = new Uint32Array(bytes!);
  return {
    loopTrips: tripsTo(x!),
    findsNan: nan === 1,
    nanosecondsPerTick: await measureTick(device),
  };
}

/** The program of the tests. */
function question({ name, root, rootBytes }: Located): Program {
  return {
    name: "self-test",
    buffers: [{ label: name, size: rootBytes, variable: root }],
    blocks: [{
      repeat: 1,
      dispatches: [{
        label: "self-test",
        kernel: {
          name: "self_test",
          source: `${WGSL["is_nan"]}\n${WGSL["self_test"]}`,
          constants: {},
        },
        reads: [],
        writes: [{ buffer: 0, offset: 0, size: rootBytes }],
        arguments: { trips: LOOP_TRIPS, nan: NaN, infinity: Infinity },
        workgroups: [1, 1, 1],
      }],
    }],
  };
}

/** After how many trips the kernel's recurrence is at `x`. */
export function tripsTo(x: number): number | null {
  let at = 1;
  for (let trips = 0; trips <= LOOP_TRIPS; trips++) {
    if (at === x) return trips;
    at = (Math.imul(1664525, at) + 1013904223) >>> 0;
  }
  return null;
}

/** Nanoseconds per tick, to about a percent; null without timestamps. */
async function measureTick(device: Device): Promise<number | null> {
  if (!device.gpu.features.has("timestamp-query")) return null;
  const first = await promptly(device);
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  const second = await promptly(device);
  const ticks = Number(second.ticks - first.ticks);
  const measured = 1e6 * (second.milliseconds - first.milliseconds) / ticks;
  // Most drivers count nanoseconds: a value near 1 is taken as 1.
  return Math.abs(measured - 1) < 0.1 ? 1 : measured;
}

/** The device's time in ticks, the processor's before, and until it was read. */
interface Reading {
  readonly ticks: bigint;
  readonly milliseconds: number;
  readonly delay: number;
}

/** The promptest of a few readings: a busy processor can delay one by as long as a pause. */
async function promptly(device: Device): Promise<Reading> {
  await now(device); // The first pass also waits for the driver to be ready.
  let best = await now(device);
  for (let tries = 1; tries < READINGS; tries++) {
    const next = await now(device);
    if (next.delay < best.delay) best = next;
  }
  return best;
}

async function now(device: Device): Promise<Reading> {
  const { gpu } = device;
  const querySet = gpu.createQuerySet({ type: "timestamp", count: 1 });
  const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const usage = QUERY_RESOLVE | COPY_SRC;
  const resolved = device.createBuffer("timestamp", { size: 8, usage });
  const encoder = gpu.createCommandEncoder();
  encoder.beginComputePass({
    timestampWrites: { querySet, beginningOfPassWriteIndex: 0 },
  }).end();
  encoder.resolveQuerySet(querySet, 0, 1, resolved, 0);
  const milliseconds = performance.now();
  device.submit(encoder);
  const part = { buffer: resolved, offset: 0, size: 8 };
  const [bytes] = await readBuffers(device, [part]);
  const delay = performance.now() - milliseconds;
  resolved.destroy();
  querySet.destroy();
  return { ticks: new BigUint64Array(bytes!)[0]!, milliseconds, delay };
}
