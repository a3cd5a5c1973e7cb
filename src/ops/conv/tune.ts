// Measures which algorithm is the fastest for each of a program's convolutions, those with
// the most work first, for as long as there is time. The algorithm that arithmetic chooses
// stays where nothing is clearly faster, so that noise changes no results.

import type { Device, Target } from "../../gpu/device.ts";
import type { TunedAlgorithms } from "../../gpu/target.ts";
import { Stopwatch } from "../../gpu/stopwatch.ts";
import { chooseAlgorithm } from "./choose.ts";
import { type CountedConvolution, totalWork } from "./graph_convolutions.ts";
import {
  type MeasuredPass,
  measurePass,
  type PassTime,
} from "./measure_pass.ts";
import { choiceKey, multiplyAddsOf } from "./problem.ts";

/** By how much another algorithm must be faster than the one of least cost. */
const GAIN = 0.95;

/** Multiply-adds of a measured pass on a software adapter, which few images have. */
const SOFTWARE_WORK = 5e8;

/** How far tuning is. */
export interface TuningProgress {
  /** The pass that is measured, such as `forward 3x3 64->64 at 32x32`. */
  readonly key: string;
  /** The algorithm that is compiled and tried. */
  readonly algorithm: string;
  /** Passes that are measured, and all that are to be. */
  readonly done: number;
  readonly of: number;
  /** The share of the work whose algorithms are known, from 0 to 1. */
  readonly share: number;
  /** Seconds since it began, and those that are left at this pace or by the limit. */
  readonly seconds: number;
  readonly left: number;
}

/** What to measure, and for how long. */
export interface TuningOptions {
  readonly convolutions: readonly CountedConvolution[];
  /** What was measured before, and is not measured again. */
  readonly known?: TunedAlgorithms;
  /** Seconds after which no further pass is begun. */
  readonly seconds: number;
  /** Ends it after the algorithm under way. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: TuningProgress) => void;
  /** Called with every pass once it is measured. */
  readonly onMeasured?: (measured: MeasuredPass) => void;
}

/** Passes that were measured, in that order, and those that there was no time for. */
export interface Tuning {
  readonly measured: readonly MeasuredPass[];
  readonly left: readonly string[];
}

/** Measures the algorithms of convolutions on a device. */
export async function tuneConvolutions(
  device: Device,
  options: TuningOptions,
): Promise<Tuning> {
  const { known = {}, seconds: most, signal, onProgress, onMeasured } = options;
  const missing = byWork(options.convolutions)
    .filter(({ key }) => known[key] === undefined);
  const all = missing.reduce((sum, { work }) => sum + work, 0);
  const watch = await Stopwatch.for(device);
  const began = performance.now();
  const measured: MeasuredPass[] = [];
  let share = 0;
  for (const [done, { key, convolution, work }] of missing.entries()) {
    const seconds = (performance.now() - began) / 1000;
    if (signal?.aborted || seconds >= most) break;
    const pace = done ? seconds / done * (missing.length - done) : most;
    const left = Math.min(pace, most - seconds);
    const place = { key, done, of: missing.length, share, seconds, left };
    const found = await measurePass({ device, watch }, {
      ...withFewImages(convolution),
      signal,
      onAlgorithm: (algorithm) => onProgress?.({ ...place, algorithm }),
    });
    // What was stopped in between may have missed the fastest.
    if (signal?.aborted) break;
    measured.push(found);
    onMeasured?.(found);
    share += work / all;
  }
  const rest = missing.slice(measured.length).map(({ key }) => key);
  return { measured, left: rest };
}

/** The passes of a key, of which that with the most work is measured. */
interface Work {
  readonly key: string;
  readonly convolution: CountedConvolution;
  readonly work: number;
}

/** What is measured for each key, that with the most work first. */
function byWork(convolutions: readonly CountedConvolution[]): Work[] {
  const keys = Map.groupBy(convolutions, choiceKey);
  return [...keys].map(([key, passes]) => ({
    key,
    convolution: passes.reduce((a, b) => totalWork(b) > totalWork(a) ? b : a),
    work: passes.reduce((sum, pass) => sum + totalWork(pass), 0),
  })).sort((a, b) => b.work - a.work);
}

/** A pass on as many images as a software adapter computes in a moment. */
function withFewImages(convolution: CountedConvolution): CountedConvolution {
  const { problem, target } = convolution;
  if (target.adapterClass === "gpu") return convolution;
  const perImage = multiplyAddsOf({ ...problem, N: 1 });
  const N = Math.min(
    problem.N,
    Math.max(1, Math.ceil(SOFTWARE_WORK / perImage)),
  );
  return { ...convolution, problem: { ...problem, N } };
}

/**
 * The fastest of the algorithms that were measured on a pass: the first, which is that of
 * least cost by arithmetic, unless another is clearly faster; null if there is none.
 */
export function fastestOf(times: readonly PassTime[]): PassTime | null {
  const [usual, ...others] = times;
  if (!usual) return null;
  const best = others.reduce(
    (a, b) => b.milliseconds < a.milliseconds ? b : a,
    usual,
  );
  return best.milliseconds < GAIN * usual.milliseconds ? best : usual;
}

/** The fastest algorithms of measured passes, as a target takes them. */
export function tunedBy(measured: readonly MeasuredPass[]): TunedAlgorithms {
  return Object.fromEntries(measured.flatMap(({ key, times }) => {
    const fastest = fastestOf(times);
    return fastest ? [[key, fastest.algorithm]] : [];
  }));
}

/** The measured algorithms that a target cannot take, such as `simd for forward …`. */
export function unusableAlgorithms(
  convolutions: readonly CountedConvolution[],
  target: Target,
): string[] {
  const { tuned = {} } = target;
  const refused = convolutions.flatMap((convolution) => {
    const key = choiceKey(convolution);
    const asked = tuned[key];
    const { name } = chooseAlgorithm({ ...convolution, target });
    return asked === undefined || asked === name ? [] : [`${asked} for ${key}`];
  });
  return [...new Set(refused)];
}
