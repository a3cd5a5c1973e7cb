// Replays a graph on the device and in the float64 interpreter, which runs every
// node in trace order and knows nothing of the compiler's passes.

import { assertEquals } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import type { Program } from "../../src/gpu/program.ts";
import { compile, type CompileOptions } from "../../src/graph/compile.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Variable } from "../../src/graph/tensor.ts";
import { assertClose, testDevice } from "./check_op.ts";
import { interpret, ReferenceMemory } from "./reference.ts";

/** How a graph is compiled, beside what this device decides. */
export type ProgramOptions = Pick<CompileOptions, "recompute">;

/** What a replay starts from and looks at. */
export interface Replay extends ProgramOptions {
  /** Values of variables before the first run; others start as zeros. */
  readonly given?: readonly (readonly [Variable, readonly number[]])[];
  /** f32 variables to compare after every run. */
  readonly results: readonly Variable[];
  readonly runs?: number;
  /** Largest error relative to the largest value. */
  readonly tolerance?: number;
}

/** A compiled graph for inspection. */
export async function programOf(
  graph: Graph,
  options: ProgramOptions = {},
): Promise<Program> {
  const { adapter } = await testDevice();
  return compile(graph, { ...adapter, ...options, name: "test graph" });
}

/** How often each label occurs in a run of a program, loops written out. */
export function countDispatches(
  { blocks: segments }: Program,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { repeat, dispatches } of segments) {
    for (const { label } of dispatches) {
      counts.set(label, (counts.get(label) ?? 0) + repeat);
    }
  }
  return counts;
}

/**
 * Checks that every run leaves in the results what the interpreter says, to 1e-6 of
 * the largest value unless told otherwise, and returns the program and the last results.
 */
export async function checkReplay(
  graph: Graph,
  { given = [], results, runs = 1, tolerance = 1e-6, ...options }: Replay,
): Promise<{ program: Program; found: readonly (readonly number[])[] }> {
  const device = await testDevice();
  const program = await programOf(graph, options);
  const expected = new ReferenceMemory();
  using memory = new Memory(device);
  for (const [variable, values] of given) {
    expected.data(variable).set(values);
    const typed = variable.dtype === "f32" ? Float32Array : Uint32Array;
    memory.write(variable, typed.from(values));
  }
  using plan = await Plan.bind(program, memory);
  let found: number[][] = [];
  for (let run = 1; run <= runs; run++) {
    plan.run();
    interpret(graph, expected);
    const bytes = await memory.read(results);
    found = bytes.map((each) => [...new Float32Array(each)]);
    results.forEach((result, i) =>
      assertClose(found[i]!, expected.data(result), {
        what: `${result.name} after run ${run}`,
        tolerance,
      })
    );
  }
  assertEquals(found.length, results.length);
  return { program, found };
}
