// Time on the device, measured from the host. Work is submitted and then waited
// for; Deno's wait blocks until the device is idle and then sleeps for another ten
// milliseconds, whatever there was to wait for. So the wait on an idle device is
// measured first and taken off, and short work is repeated before each wait.
//
// A software device computes in this process, so that processor time divided by
// the cores is what a run would take on a machine that does nothing else. On a
// shared machine that is the steadier number of the two.

import process from "node:process";
import type { Device } from "./device.ts";

/** What one run takes, in milliseconds. */
export interface Cost {
  readonly wall: number;
  /** Time of all processor cores together, divided by their number. */
  readonly processor: number;
}

/** Medians and best of several repeats. */
export interface Timing extends Cost {
  readonly best: number;
}

/** Where a benchmark's own clock runs: a `Deno.BenchContext`, or nothing. */
export type BenchClock = Pick<Deno.BenchContext, "start" | "end">;

/** A clock for one device. */
export class Stopwatch {
  readonly #device: Device;
  /** Milliseconds that a wait costs when there is nothing to wait for. */
  readonly wait: number;

  private constructor(device: Device, wait: number) {
    this.#device = device;
    this.wait = wait;
  }

  /** A clock that knows what a wait on `device` costs. */
  static async for(device: Device): Promise<Stopwatch> {
    const idle = new Stopwatch(device, 0);
    const waits: Cost[] = [];
    for (let i = 0; i < 7; i++) waits.push(await idle.time(() => {}, 1));
    return new Stopwatch(device, medianOf(waits.map(({ wall }) => wall)));
  }

  /**
   * Submits `runs` runs at once and waits for them. The clock of a benchmark stops
   * when the device is idle, before the rest of the wait.
   */
  async time(
    run: () => void,
    runs: number,
    clock?: BenchClock,
  ): Promise<Cost> {
    await this.#device.finished();
    const processor = processorTime();
    const start = performance.now();
    clock?.start();
    for (let i = 0; i < runs; i++) run();
    const idle = this.#device.finished();
    clock?.end();
    await idle;
    return {
      wall: Math.max(0, performance.now() - start - this.wait) / runs,
      processor: (processorTime() - processor) / runs,
    };
  }

  /** Repeats `runs` runs after one that does not count. */
  async measure(
    run: () => void,
    { repeats = 5, runs = 1 }: {
      readonly repeats?: number;
      readonly runs?: number;
    } = {},
  ): Promise<Timing> {
    await this.time(run, 1);
    const costs: Cost[] = [];
    for (let i = 0; i < repeats; i++) costs.push(await this.time(run, runs));
    return timingOf(costs);
  }
}

/** Medians and best of repeats. */
export function timingOf(costs: readonly Cost[]): Timing {
  const walls = costs.map(({ wall }) => wall);
  return {
    wall: medianOf(walls),
    processor: medianOf(costs.map(({ processor }) => processor)),
    best: Math.min(...walls),
  };
}

/** The middle value, or the mean of the two middle ones. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half) - 1]!) / 2;
}

/** Milliseconds that this process has had of every core, on average. */
export function processorTime(): number {
  return coreTime() / navigator.hardwareConcurrency;
}

/** Milliseconds that this process has had of all cores together. */
export function coreTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
