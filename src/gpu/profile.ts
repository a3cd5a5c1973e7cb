// GPU time per kernel label, from timestamp queries around single dispatches.
//
// A query wraps a whole compute pass, so a profiled run gives every dispatch its
// own pass: slower in total than a real run, with true shares. Ticks are
// nanoseconds on NVIDIA and llvmpipe; elsewhere they are scaled by the wall time.

import { DeviceError } from "../base/errors.ts";
import type { Plan } from "./plan.ts";
import { readBuffers } from "./readback.ts";

/** Time spent in all dispatches of one label. */
export interface ProfileRow {
  readonly label: string;
  readonly dispatches: number;
  /** Sum over the dispatches, in ticks (nanoseconds where the driver says so). */
  readonly ticks: number;
}

/** Most queries that one query set may hold. */
const MAX_QUERIES = 4096;

/**
 * Runs `plan` once with a timestamp around every dispatch.
 *
 * @throws {DeviceError} if the device was opened without timestamps.
 */
export async function profile(plan: Plan): Promise<ProfileRow[]> {
  const { device } = plan;
  if (!device.gpu.features.has("timestamp-query")) {
    throw new DeviceError(
      "Cannot profile: expected an adapter with timestamp queries but found none",
    );
  }
  const encoders: {
    label: string;
    encode: (pass: GPUComputePassEncoder) => void;
  }[] = [];
  plan.forEach((label, encode) => encoders.push({ label, encode }));
  const rows = new Map<string, { dispatches: number; ticks: number }>();
  for (let start = 0; start < encoders.length; start += MAX_QUERIES / 2) {
    const batch = encoders.slice(start, start + MAX_QUERIES / 2);
    const ticks = await timeEach(plan, batch.map(({ encode }) => encode));
    batch.forEach(({ label }, i) => {
      const row = rows.get(label) ?? { dispatches: 0, ticks: 0 };
      row.dispatches++;
      row.ticks += ticks[i]!;
      rows.set(label, row);
    });
  }
  return [...rows].map(([label, row]) => ({ label, ...row }))
    .sort((a, b) => b.ticks - a.ticks);
}

/** Ticks that each of the given dispatches took. */
async function timeEach(
  { device }: Plan,
  dispatches: readonly ((pass: GPUComputePassEncoder) => void)[],
): Promise<number[]> {
  const count = 2 * dispatches.length;
  const querySet = device.gpu.createQuerySet({ type: "timestamp", count });
  const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const resolved = device.createBuffer("timestamps", {
    size: 8 * count,
    usage: QUERY_RESOLVE | COPY_SRC,
  });
  const encoder = device.gpu.createCommandEncoder();
  dispatches.forEach((encode, i) => {
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      },
    });
    encode(pass);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.submit(encoder);
  const [bytes] = await readBuffers(device, [
    { buffer: resolved, offset: 0, size: 8 * count },
  ]);
  const times = new BigUint64Array(bytes!);
  resolved.destroy();
  querySet.destroy();
  return dispatches.map((_, i) => Number(times[2 * i + 1]! - times[2 * i]!));
}
