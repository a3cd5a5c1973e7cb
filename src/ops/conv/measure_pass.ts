// The time of every algorithm on one pass of a convolution. All run on the same operands,
// and parts of their results are compared: a driver that computes something else fast has
// won nothing. Those that are not hopeless take turns, with equal work in each, so that
// whatever else the machine does falls on all of them; the median of the turns counts.
//
// Left out is what an attack does once, such as transforming weights, and compilation:
// measuring compiles every algorithm, and drivers keep on disk what they have compiled.
// A software adapter is timed by what its processor did, which other work disturbs less.

import type { Device } from "../../gpu/device.ts";
import type { Memory } from "../../gpu/memory.ts";
import { Plan } from "../../gpu/plan.ts";
import type { Program } from "../../gpu/program.ts";
import { medianOf, type Stopwatch } from "../../gpu/stopwatch.ts";
import type { Variable } from "../../graph/tensor.ts";
import type { ConvAlgorithm, ConvRequest } from "./algorithm.ts";
import { ALGORITHMS } from "./algorithms/mod.ts";
import { chooseAlgorithm, supportedOf } from "./choose.ts";
import { type UploadedPass, uploadPass } from "./pass_operands.ts";
import { choiceKey } from "./problem.ts";
import { withoutPacking } from "./without_packing.ts";

/** Turns, and milliseconds that the fastest algorithm should take in each. */
const TURNS = 5;
const LONG_ENOUGH = 15;

/** By how much an algorithm must be slower than the best to be given up at once. */
const HOPELESS = 3;

/** By how much at most, for its variants to be tried. */
const PROMISING = 1.5;

/** Numbers that are compared at the start, in the middle and at the end of a result. */
const COMPARED = 1024;

/** Largest difference, relative to the largest number. */
const TOLERANCE = { f32: 1e-4, f16: 2e-3 } as const;

/** What is measured. */
export interface MeasurementRequest extends ConvRequest {
  /** How names of algorithms begin; all if left out. */
  readonly names?: readonly string[];
  /** Ends it between two algorithms; what was measured by then counts. */
  readonly signal?: AbortSignal | undefined;
  /** Called before an algorithm is compiled, which can take seconds. */
  readonly onAlgorithm?: (name: string) => void;
}

/** The time of one algorithm. */
export interface PassTime {
  /** Such as `winograd 4 64`. */
  readonly algorithm: string;
  /** Milliseconds: the median of the turns, or of the only run. */
  readonly milliseconds: number;
  readonly turns: number;
}

/** The times of the algorithms that computed the pass, and why others did not. */
export interface MeasuredPass {
  /** Such as `forward 3x3 64->64 at 32x32`. */
  readonly key: string;
  /** The first one is that of least cost by arithmetic. */
  readonly times: readonly PassTime[];
  readonly failures: readonly string[];
}

/** A device and its clock. */
export interface MeasuringDevice {
  readonly device: Device;
  readonly watch: Stopwatch;
}

/** Times the algorithms that support a pass. */
export async function measurePass(
  on: MeasuringDevice,
  request: MeasurementRequest,
): Promise<MeasuredPass> {
  const uploaded = uploadPass(on.device, request);
  using _memory = uploaded.memory;
  using trials = new Trials(on, { uploaded, request });
  const { names = [""], target: { tuned: _, ...target }, signal } = request;
  const wanted = ({ name }: ConvAlgorithm) =>
    names.some((begin) => name.startsWith(begin));
  const usual = chooseAlgorithm({ ...request, target });
  const all = [usual, ...ALGORITHMS.filter((one) => one !== usual)];
  for (const one of supportedOf(all, request).filter(wanted)) {
    if (!signal?.aborted) await trials.add(one);
  }
  for (const base of supportedOf(all, request)) {
    if (wanted(base) && !trials.isWithin(base.name, PROMISING)) continue;
    for (
      const variant of supportedOf(base.variants ?? [], request).filter(wanted)
    ) {
      if (!signal?.aborted) await trials.add(variant);
    }
  }
  return {
    key: choiceKey(request),
    times: await trials.inTurns(),
    failures: trials.failures,
  };
}

/** An algorithm that computed the pass. */
interface Trial {
  readonly name: string;
  /** Milliseconds of its first run that counts. */
  readonly once: number;
  readonly plan: Plan;
}

/** The algorithms that are tried on one pass. Dispose of them. */
class Trials {
  readonly failures: string[] = [];
  readonly #watch: Stopwatch;
  readonly #memory: Memory;
  readonly #uploaded: UploadedPass;
  readonly #request: MeasurementRequest;
  readonly #trials: Trial[] = [];
  readonly #programs = new Set<string>();
  #expected: Float32Array | null = null;

  constructor(
    { watch }: MeasuringDevice,
    { uploaded, request }: {
      readonly uploaded: UploadedPass;
      readonly request: MeasurementRequest;
    },
  ) {
    this.#watch = watch;
    this.#memory = uploaded.memory;
    this.#uploaded = uploaded;
    this.#request = request;
  }

  /** Whether an algorithm was measured, and took at most this much of the best time. */
  isWithin(name: string, factor: number): boolean {
    const found = this.#trials.find((trial) => trial.name === name);
    return found !== undefined && found.once <= factor * this.#best;
  }

  get #best(): number {
    return Math.min(...this.#trials.map(({ once }) => once));
  }

  /** Compiles an algorithm, compares its result and runs it once. */
  async add({ name }: ConvAlgorithm): Promise<void> {
    const { target, half = false, onAlgorithm } = this.#request;
    const program = this.#uploaded.compile({ ...target, algorithm: name });
    // A small shape is the same program with however much scratch space.
    const text = JSON.stringify(program.blocks);
    if (this.#programs.has(text)) return;
    this.#programs.add(text);
    onAlgorithm?.(name);
    let plan: Plan | null = null;
    try {
      const { weights, output } = this.#uploaded;
      const found = await resultOf(program, this.#memory, output);
      this.#expected ??= found;
      const tolerance = TOLERANCE[half ? "f16" : "f32"];
      checkEqual(found, { expected: this.#expected, tolerance });
      plan = await Plan.bind(withoutPacking(program, weights), this.#memory);
      await this.#time(plan, 1);
      const once = await this.#time(plan, 1);
      this.#trials.push({ name, once, plan });
    } catch (error) {
      plan?.dispose();
      this.failures.push(
        `${choiceKey(this.#request)}, ${name}: ${(error as Error).message}`,
      );
    }
  }

  /** Lets those that are not hopeless take turns, and returns the times of all. */
  async inTurns(): Promise<PassTime[]> {
    const best = Math.max(this.#best, 0.01);
    const runs = Math.max(1, Math.ceil(LONG_ENOUGH / best));
    const turns = new Map<Trial, number[]>();
    for (const trial of this.#trials) {
      if (trial.once <= HOPELESS * best) turns.set(trial, []);
    }
    for (let turn = 0; turns.size > 1 && turn < TURNS; turn++) {
      for (const [{ plan }, times] of turns) {
        times.push(await this.#time(plan, runs));
      }
    }
    return this.#trials.map((trial) => {
      const times = turns.get(trial) ?? [];
      return {
        algorithm: trial.name,
        milliseconds: times.length ? medianOf(times) : trial.once,
        turns: Math.max(1, times.length),
      };
    });
  }

  async #time(plan: Plan, runs: number): Promise<number> {
    const cost = await this.#watch.time(() => plan.run(), runs);
    return this.#request.target.adapterClass === "software"
      ? cost.processor
      : cost.wall;
  }

  [Symbol.dispose](): void {
    for (const { plan } of this.#trials) plan.dispose();
  }
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
function checkEqual(
  found: Float32Array,
  { expected, tolerance }: {
    readonly expected: Float32Array;
    readonly tolerance: number;
  },
): void {
  const scale = expected.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const error = found.reduce(
    (most, y, i) => Math.max(most, Math.abs(y - expected[i]!)),
    0,
  );
  // Written so that NaN is no small error.
  if (!(error <= tolerance * scale)) {
    throw new Error(
      `expected the results of the first algorithm but found an error of ${error} in numbers up to ${scale}`,
    );
  }
}
