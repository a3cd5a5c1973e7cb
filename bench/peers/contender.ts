// A contender runs one workload in a process of its own, so that a crash, a leak or
// a compilation of one touches no other. The race's process starts it, and they
// speak lines of JSON: the contender says when it is ready, then times as many runs
// as it is asked for, until its input ends.
//
// Only what a user of the library would wait for counts: from the first call to the
// moment when the result is known to be there.

import process from "node:process";
import type { WorkloadName } from "../workloads.ts";

/** A workload made ready by a library. */
export interface Prepared {
  /** Starts a run. */
  run(): void | Promise<void>;
  /** Resolves when every run started so far is done. */
  finished(): Promise<void>;
  /** One number that depends on all of the first run's result. */
  answer(): Promise<number>;
}

/** A library on a device. */
export interface Contender {
  /** What computes, in the device's own words. */
  describe(): Promise<string>;
  /** Null where the library cannot do the work. */
  prepare(workload: WorkloadName): Promise<Prepared | null>;
}

/** What a contender says. */
export type Message =
  | {
    readonly kind: "ready";
    readonly device: string;
    /** Milliseconds until the first result, compilation included. */
    readonly first: number;
    readonly answer: number;
  }
  | { readonly kind: "cannot"; readonly reason: string }
  | {
    readonly kind: "time";
    /** Milliseconds per run. */
    readonly wall: number;
    /** Milliseconds per run of all of the processor's cores, on average. */
    readonly processor: number;
  };

/** What the adapter that every contender on WebGPU asks for says of itself. */
export async function adapterText(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter({
    powerPreference: "high-performance",
  });
  return adapter?.info.description ?? "no WebGPU adapter";
}

/** Runs a contender for the workload that the process was started with. */
export async function serve(contender: Contender): Promise<void> {
  const workload = Deno.args[0] as WorkloadName;
  try {
    const start = performance.now();
    const prepared = await contender.prepare(workload);
    if (prepared === null) {
      say({ kind: "cannot", reason: "not supported" });
      return;
    }
    await prepared.run();
    await prepared.finished();
    const first = performance.now() - start;
    const answer = await prepared.answer();
    say({ kind: "ready", device: await contender.describe(), first, answer });
    for await (const runs of requests()) say(await time(prepared, runs));
  } catch (error) {
    say({ kind: "cannot", reason: firstLine(error) });
  }
}

async function time(prepared: Prepared, runs: number): Promise<Message> {
  const processor = processorTime();
  const start = performance.now();
  for (let i = 0; i < runs; i++) await prepared.run();
  await prepared.finished();
  return {
    kind: "time",
    wall: (performance.now() - start) / runs,
    processor: (processorTime() - processor) / runs,
  };
}

/** Numbers of runs, one per line of input. */
async function* requests(): AsyncIterable<number> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of Deno.stdin.readable) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) yield Number(line);
  }
}

function say(message: Message): void {
  Deno.stdout.writeSync(
    new TextEncoder().encode(`${JSON.stringify(message)}\n`),
  );
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 / navigator.hardwareConcurrency;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.slice(0, 200);
}
