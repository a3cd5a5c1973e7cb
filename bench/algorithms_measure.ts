// The time of every algorithm on one pass of a convolution. All run on the same
// operands, and parts of their results are compared: a driver that computes something
// else fast has won nothing.

import type { Device, Target } from "../src/gpu/device.ts";
import type { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import type { Program } from "../src/gpu/program.ts";
import type { Variable } from "../src/graph/tensor.ts";
import { supportedAlgorithms } from "../src/ops/conv/choose.ts";
import {
  convFlops,
  type ConvPass,
  type ConvProblem,
  problemKey,
} from "../src/ops/conv/problem.ts";
import type { AlgorithmTime } from "./algorithms_report.ts";
import { uploadPass } from "./convolution_workloads.ts";
import type { Stopwatch } from "./measure.ts";

/** Repeats that count, and milliseconds that one should take at least. */
const REPEATS = 5;
const LONG_ENOUGH = 5;

/** By how much an algorithm must be slower than the best to be given up. */
const HOPELESS = 3;

/** Numbers that are compared at the start, in the middle and at the end of a result. */
const COMPARED = 1024;

/** Largest difference, relative to the largest number. */
const TOLERANCE = 1e-4;

/** What is measured, and for what kind of device. */
export interface MeasurementRequest {
  readonly pass: ConvPass;
  readonly problem: ConvProblem;
  readonly target: Target;
  /** How names of algorithms begin; an empty one is all. */
  readonly names: readonly string[];
}

/** The times of the algorithms that computed the pass, and why others did not. */
export interface MeasuredPass {
  readonly rows: readonly AlgorithmTime[];
  readonly failures: readonly string[];
}

/** Times every algorithm on a pass. */
export async function measureAlgorithms(
  { device, watch }: { readonly device: Device; readonly watch: Stopwatch },
  { pass, problem, target, names }: MeasurementRequest,
): Promise<MeasuredPass> {
  const key = problemKey(pass, problem);
  const { memory, output, compile } = uploadPass(device, { pass, problem });
  using owned = memory;
  const rows: AlgorithmTime[] = [];
  const failures: string[] = [];
  const programs = new Set<string>();
  let expected: Float32Array | null = null;
  for (const { name } of supportedAlgorithms({ pass, problem, target })) {
    if (!names.some((begin) => name.startsWith(begin))) continue;
    const program = compile({ ...target, algorithm: name });
    // A small shape is the same program with however much scratch space.
    const text = JSON.stringify(program.blocks);
    if (programs.has(text)) continue;
    programs.add(text);
    try {
      const found = await resultOf(program, owned, output);
      expected ??= found;
      checkEqual(found, expected);
      const best = Math.min(...rows.map(({ milliseconds }) => milliseconds));
      const time = await timeOf(program, owned, { watch, best });
      const gflops = convFlops(problem) / time.milliseconds / 1e6;
      rows.push({ key, pass, algorithm: name, gflops, ...time });
    } catch (error) {
      failures.push(`${key}, ${name}: ${(error as Error).message}`);
    }
  }
  return { rows, failures };
}

/** Parts of what a program computes, after one run. */
async function resultOf(
  program: Program,
  memory: Memory,
  output: Variable,
): Promise<Float32Array> {
  using plan = await Plan.bind(program, memory);
  plan.run();
  const count = Math.min(COMPARED, output.byteLength / 4);
  const last = output.byteLength / 4 - count;
  const parts = [0, Math.floor(last / 2), last].map((first) =>
    output.slice("part", 4 * first, { dtype: "f32", shape: [count] })
  );
  const bytes = await memory.read(parts);
  return Float32Array.from(
    bytes.flatMap((part) => [...new Float32Array(part)]),
  );
}

/** @throws {Error} if results differ by more than rounding. */
function checkEqual(found: Float32Array, expected: Float32Array): void {
  const scale = expected.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const error = found.reduce(
    (most, y, i) => Math.max(most, Math.abs(y - expected[i]!)),
    0,
  );
  // Written so that NaN is no small error.
  if (!(error <= TOLERANCE * scale)) {
    throw new Error(
      `expected the results of the first algorithm but found an error of ${error} in numbers up to ${scale}`,
    );
  }
}

/** Milliseconds of a program that has run, without what is made of weights before. */
async function timeOf(
  program: Program,
  memory: Memory,
  { watch, best }: { readonly watch: Stopwatch; readonly best: number },
): Promise<Pick<AlgorithmTime, "milliseconds" | "repeats">> {
  using plan = await Plan.bind(withoutPacking(program), memory);
  const run = () => plan.run();
  await watch.time(run, 1);
  const { wall: once } = await watch.time(run, 1);
  if (once > HOPELESS * best) return { milliseconds: once, repeats: 1 };
  const runs = Math.max(1, Math.ceil(LONG_ENOUGH / Math.max(once, 0.01)));
  const { wall } = await watch.measure(run, { repeats: REPEATS, runs });
  return { milliseconds: wall, repeats: REPEATS };
}

/** What a program does in every turn of an attack's loop. */
function withoutPacking(program: Program): Program {
  return {
    ...program,
    blocks: program.blocks.map(({ repeat, dispatches }) => ({
      repeat,
      dispatches: dispatches.filter(({ label }) =>
        !/^(winograd filters|swap channels)/.test(label)
      ),
    })),
  };
}
