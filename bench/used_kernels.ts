// The kernels of a program, each once: the text that a device compiles, and the work that
// all of its dispatches do.

import { argumentFields, readType } from "../src/gpu/pipeline.ts";
import type { Dispatch, Program } from "../src/gpu/program.ts";
import { specialize } from "../src/gpu/specialize.ts";
import { trafficOf } from "../src/graph/cost.ts";

/** A kernel that a program launches, and its share of a run. */
export interface UsedKernel {
  /** The name of its file, such as `conv_simd`. */
  readonly name: string;
  /** The WGSL text that is compiled. */
  readonly code: string;
  /** A letter for each binding in order: `s` for storage, `u` for a uniform buffer. */
  readonly bindings: string;
  /** Its first launch: how many launches of the program come before. */
  readonly first: number;
  /** Launches in a run of the program, loops counted. */
  readonly count: number;
  /** Floating-point operations of all launches. */
  readonly flops: number;
  /** Bytes that all launches bind. */
  readonly bytes: number;
}

/** The kernels of a program in the order of their first launch, one per pipeline. */
export function kernelsOf({ blocks }: Program): UsedKernel[] {
  const used = new Map<string, UsedKernel>();
  let start = 0;
  for (const { repeat, dispatches } of blocks) {
    for (const [place, dispatch] of dispatches.entries()) {
      const code = specialize(dispatch.kernel);
      const bindings = bindingsOf(dispatch, code);
      const key = `${bindings}\n${code}`;
      const { first = start + place, count = 0, flops = 0, bytes = 0 } =
        used.get(key) ?? {};
      used.set(key, {
        name: dispatch.kernel.name,
        code,
        bindings,
        first,
        count: count + repeat,
        flops: flops + repeat * (dispatch.flops ?? 0),
        bytes: bytes + repeat * trafficOf(dispatch),
      });
    }
    start += repeat * dispatches.length;
  }
  return [...used.values()];
}

/** The kinds of a dispatch's bindings: what it reads, what it writes, its arguments. */
function bindingsOf({ reads, writes }: Dispatch, code: string): string {
  const read = reads.map((_, i) => readType(code, i) === "uniform" ? "u" : "s");
  const uniform = argumentFields(code).length ? "u" : "";
  return `${read.join("")}${"s".repeat(writes.length)}${uniform}`;
}
