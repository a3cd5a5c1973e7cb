// One workload, every contender: each is compiled alone, then they take turns, so
// that a slow minute of the machine hits all of them. The median of a contender's
// turns counts.

import { medianOf } from "../../src/gpu/stopwatch.ts";
import type { Message } from "./contender.ts";
import { ContenderProcess } from "./contender_process.ts";

/** How to start a contender. */
export interface Entry {
  readonly name: string;
  /** The command for a workload, and what stands behind the workload's name. */
  readonly command: readonly string[];
  readonly options: readonly string[];
}

/** What a contender did. */
export interface Finished {
  readonly device: string;
  /** Milliseconds from the start to the first result, compilation included. */
  readonly first: number;
  readonly answer: number | null;
  /** Milliseconds per run: the medians of the turns. */
  readonly wall: number;
  readonly processor: number;
  readonly best: number;
  /** Runs in each turn, and what each turn took per run. */
  readonly runs: number;
  readonly turns: readonly number[];
}

/** What a contender did, or why not. */
export type Result = Finished | { readonly cannot: string };

/** How long a race may be. */
export interface RaceOptions {
  readonly turns: number;
  /** Milliseconds that a turn should take at least. */
  readonly turn: number;
  /** Milliseconds after which a contender is given up. */
  readonly limit: number;
  /** Runs that a turn has at least. */
  readonly leastRuns?: number;
}

/** Runs that take longer than this, in milliseconds, get fewer turns. */
const LONG = 15_000;
const FEW_TURNS = 2;

interface Racing {
  readonly process: ContenderProcess;
  readonly ready: Extract<Message, { kind: "ready" }>;
  readonly runs: number;
  readonly turns: number;
  readonly times: Extract<Message, { kind: "time" }>[];
}

/** Lets every entry do the workload; results are by the entries' names. */
export async function race(
  workload: string,
  entries: readonly Entry[],
  options: RaceOptions,
): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  const racing = new Map<string, Racing>();
  for (const entry of entries) {
    const contender = await start(workload, entry, options);
    if ("cannot" in contender) results[entry.name] = contender;
    else racing.set(entry.name, contender);
  }
  for (let turn = 0; turn < options.turns; turn++) {
    for (const [name, { process, runs, turns, times }] of racing) {
      if (turn >= turns) continue;
      const message = await process.ask(runs, options.limit);
      if (message.kind === "time") times.push(message);
      else {
        results[name] = { cannot: reasonOf(message) };
        racing.delete(name);
      }
    }
  }
  for (const [name, contender] of racing) results[name] = finish(contender);
  await Promise.all([...racing.values()].map(({ process }) => process.end()));
  // In the entries' order, not in that of finishing.
  return Object.fromEntries(
    entries.map(({ name }) => [name, results[name]!]),
  );
}

/** Starts a contender and finds how many runs fill a turn. */
async function start(
  workload: string,
  entry: Entry,
  { turns, turn, limit, leastRuns = 1 }: RaceOptions,
): Promise<Racing | { readonly cannot: string }> {
  const process = new ContenderProcess([
    ...entry.command,
    workload,
    ...entry.options,
  ]);
  const ready = await process.next(limit);
  if (ready.kind !== "ready") {
    await process.end();
    return { cannot: reasonOf(ready) };
  }
  const once = await process.ask(1, limit);
  if (once.kind !== "time") {
    await process.end();
    return { cannot: reasonOf(once) };
  }
  return {
    process,
    ready,
    runs: Math.max(leastRuns, Math.ceil(turn / Math.max(once.wall, 0.01))),
    turns: once.wall > LONG ? Math.min(turns, FEW_TURNS) : turns,
    times: [],
  };
}

function finish({ ready, runs, times }: Racing): Finished {
  const { device, first, answer } = ready;
  const walls = times.map(({ wall }) => wall);
  return {
    device,
    first,
    answer,
    wall: medianOf(walls),
    processor: medianOf(times.map(({ processor }) => processor)),
    best: Math.min(...walls),
    runs,
    turns: walls,
  };
}

function reasonOf(message: Message): string {
  return message.kind === "cannot" ? message.reason : "answered out of turn";
}
