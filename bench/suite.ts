// Benchmarks of one file that share a device, and the table printed behind Deno's
// own: arithmetic per second and the share of what the device was seen to do in
// the same run. Deno's table has the times, for its JSON and its comparisons.

import { Device } from "../src/gpu/device.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { type Cost, Stopwatch, timingOf } from "../src/gpu/stopwatch.ts";
import { figure, print, tableText } from "./table.ts";
import type { Workload } from "./workloads.ts";

/** Arithmetic that one iteration of a benchmark should have at least. */
const ITERATION = { gpu: 1e11, software: 5e8 } as const;

/** Most runs that are submitted together. */
const MAX_RUNS = 100;

/** What was measured of a workload. */
interface Measured {
  readonly title: string;
  readonly flops: number;
  /** Milliseconds that compiling and binding took. */
  readonly compileTime: number;
  readonly costs: Cost[];
}

/** The benchmarks of one file. */
export class Suite {
  readonly device: Device;
  readonly watch: Stopwatch;
  readonly ceiling: Ceiling;
  readonly #measured: Measured[] = [];
  readonly #notes: string[] = [];
  #bound: BoundWorkload | null = null;

  private constructor(device: Device, watch: Stopwatch, ceiling: Ceiling) {
    this.device = device;
    this.watch = watch;
    this.ceiling = ceiling;
    // Not in a benchmark: `--filter` could leave out the one that prints.
    globalThis.addEventListener("unload", () => this.#end());
  }

  /** Opens the device, and finds its ceiling. */
  static async open(): Promise<Suite> {
    const device = await Device.open({ timestamps: true });
    const watch = await Stopwatch.for(device);
    return new Suite(device, watch, await measureCeiling(device, watch));
  }

  /**
   * Registers a benchmark of a workload, which is bound when its turn comes.
   * `inspect` then sees it, before it is timed.
   */
  add(
    workload: Workload,
    { iterations, inspect }: {
      readonly iterations: number;
      readonly inspect?: (bound: BoundWorkload) => Promise<void>;
    },
  ): void {
    const title = `${workload.name}  ${workload.title}`;
    const enough = ITERATION[this.device.adapter.adapterClass];
    const runs = Math.min(MAX_RUNS, Math.ceil(enough / workload.flops));
    let run: (() => void) | null = null;
    const costs: Cost[] = [];
    Deno.bench({
      name: runs > 1 ? `${title}, ${runs} runs` : title,
      n: iterations,
      warmup: 1,
      fn: async (clock) => {
        if (run === null) {
          const { bound, compileTime } = await this.#bind(workload);
          run = () => bound.plan.run();
          await this.watch.time(run, 1);
          await inspect?.(bound);
          const { flops } = bound;
          this.#measured.push({ title, flops, compileTime, costs });
        }
        costs.push(await this.watch.time(run, runs, clock));
      },
    });
  }

  /** Adds text to what is printed at the end. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** Binds a workload and lets go of the one before. */
  async #bind(
    workload: Workload,
  ): Promise<{ readonly bound: BoundWorkload; readonly compileTime: number }> {
    this.#bound?.dispose();
    const start = performance.now();
    const bound = await workload.bind(this.device);
    this.#bound = bound;
    return { bound, compileTime: performance.now() - start };
  }

  #end(): void {
    print(`\n${machineText(this)}\n`);
    if (this.#measured.length) print(this.#table());
    for (const note of this.#notes) print(`\n${note}`);
    this.#bound?.dispose();
    this.device.dispose();
  }

  #table(): string {
    const head = ["", "ms", "best", "GFLOP/s", "of peak"];
    const software = this.device.adapter.adapterClass === "software";
    // What the device computes, this process computes.
    if (software) head.push("processor ms", "GFLOP/s");
    head.push("compile ms");
    const rows = this.#measured.map(({ title, flops, compileTime, costs }) => {
      const { wall, best, processor } = timingOf(costs);
      const rate = (ms: number) => flops / ms / 1e6;
      return [
        title,
        figure(wall),
        figure(best),
        figure(rate(wall)),
        share(rate(wall), this.ceiling.gflops),
        ...(software ? [figure(processor), figure(rate(processor))] : []),
        figure(compileTime),
      ];
    });
    return tableText(head, rows);
  }
}

/** The device and what it reaches, in a few lines. */
export function machineText(
  { device, ceiling }: Pick<Suite, "device" | "ceiling">,
): string {
  const { adapterClass, description } = device.adapter;
  return [
    `${description}, Deno ${Deno.version.deno}, kernels for a ${adapterClass}${
      adapterClass === "gpu" ? "" : " device"
    }`,
    `peak ${figure(ceiling.gflops)} GFLOP/s of multiply-adds, ${
      figure(ceiling.gigabytes)
    } GB/s of copying`,
    loadText(),
  ].join("\n");
}

/** What else the machine does, where that may be asked. */
export function loadText(): string {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "loadavg",
  });
  if (state !== "granted") return "load average unknown (--allow-sys=loadavg)";
  return `load average ${Deno.loadavg().map(figure).join(", ")}`;
}

/** `value` of `whole`, such as "31 %". */
export function share(value: number, whole: number): string {
  return `${(100 * value / whole).toFixed(0)} %`;
}
