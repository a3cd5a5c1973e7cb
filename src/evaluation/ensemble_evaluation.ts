// The evaluation of a network by an ensemble of attacks. Images that the network gets
// wrong are out; every round of every attack runs on those that are left, in batches
// of nearly equal size; an image is broken once it is misclassified when it is run
// again, inside its ball and [0, 1]. The state is handed out after every batch, and
// an evaluation that goes on from it ends as if it had never been stopped.

import type { Ensemble } from "../methods/attacks/auto_attack.ts";
import type { RoundAttack } from "../methods/round_attack.ts";
import type { Memory } from "../gpu/memory.ts";
import { Variable } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { store } from "../ops/store.ts";
import {
  flatWarning,
  invalidWarning,
  outputWarnings,
} from "./ensemble_checks.ts";
import type { Points } from "./ensemble_points.ts";
import { bindProgram, BoundRound, type PointResult } from "./ensemble_round.ts";
import {
  type EnsembleState,
  type RoundState,
  squareWarning,
  stages,
  survivors,
  type Verdict,
} from "../runs/ensemble_state.ts";

/** What to evaluate, and by what. */
export interface EnsembleEvaluation {
  readonly network: Network;
  readonly points: Points;
  readonly ensemble: Ensemble;
  /** Most images that are attacked at once. */
  readonly batchSize: number;
  readonly seed: number;
  /** Where to go on; the beginning if left out. */
  readonly state?: EnsembleState | undefined;
  /** Called with the state after every batch, to keep it. */
  readonly onState?: (state: EnsembleState) => Promise<void> | void;
  readonly onProgress?: (progress: EnsembleProgress) => void;
  /** Stops between two batches, or two parts of one. */
  readonly signal?: AbortSignal;
  /** Called with the images that broke, by their indices. */
  readonly onBroken?: (index: number, image: Float32Array) => void;
}

/** Where an evaluation is. */
export interface EnsembleProgress {
  readonly attack: string;
  /** Counted from 1. */
  readonly round: number;
  readonly rounds: number;
  /** Images of the round that are done. */
  readonly done: number;
  readonly of: number;
  /** Images that are not broken. */
  readonly robust: number;
  readonly count: number;
  /** From the passes so far, if no more images break. */
  readonly secondsLeft: number;
}

/** Passes over the first batch that tell whether the network draws random numbers. */
const REPEATS = 5;

/** Evaluates the network, from the given state to the end or until it is stopped. */
export async function evaluateEnsemble(
  memory: Memory,
  options: EnsembleEvaluation,
): Promise<EnsembleState> {
  return await new Evaluation(memory, options).run();
}

class Evaluation {
  readonly #memory: Memory;
  readonly #options: EnsembleEvaluation;
  readonly #searches: readonly RoundAttack[];
  /** When this began, and the passes and seconds before. */
  readonly #started = performance.now();
  readonly #before: { readonly passes: number; readonly seconds: number };
  #state: EnsembleState;

  constructor(memory: Memory, options: EnsembleEvaluation) {
    const { ensemble, network, state } = options;
    const { searches, warnings } = ensemble.members(network.classes);
    this.#memory = memory;
    this.#options = options;
    this.#searches = searches;
    this.#state = state ?? {
      verdicts: [],
      round: null,
      finished: false,
      warnings,
      passes: 0,
      seconds: 0,
    };
    this.#before = this.#state;
  }

  async run(): Promise<EnsembleState> {
    if (this.#state.finished) return this.#state;
    if (this.#state.verdicts.length === 0) await this.#cleanPass();
    const from = this.#state.round ?? { search: 0, round: 0 };
    for (let s = from.search; s < this.#searches.length; s++) {
      const first = s === from.search ? from.round : 0;
      for (let round = first; round < this.#searches[s]!.rounds; round++) {
        if (!await this.#round(s, round)) return this.#state;
      }
    }
    const names = this.#searches.map(({ name }) => name);
    const warning = squareWarning(stages(this.#state.verdicts, names));
    this.#warn(warning);
    await this.#update({ round: null, finished: true });
    return this.#state;
  }

  /** Which images the network gets right, and what the first outputs look like. */
  async #cleanPass(): Promise<void> {
    const { points, network, batchSize, ensemble } = this.#options;
    const size = Math.min(batchSize, points.count);
    const { classes } = network;
    const logits = new Variable("logits", [size, classes]);
    const right = new Variable("right", [size]);
    using plan = await bindProgram(this.#memory, "clean images", (graph) => {
      const { x, labels } = points.trace(graph, size);
      const output = network.call(x, "eval").logits;
      store(output, logits);
      store(correct(output, labels), right);
    });
    const run = async (indices: readonly number[]) => {
      points.load(this.#memory, indices);
      plan.run();
      const found = await this.#memory.read([right, logits]);
      return found.map((bytes) => new Float32Array(bytes));
    };
    const verdicts: Verdict[] = [];
    const passes: Float32Array[] = [];
    for (let start = 0; start < points.count; start += size) {
      const indices = Array.from(
        { length: size },
        (_, n) => Math.min(start + n, points.count - 1),
      );
      const count = Math.min(size, points.count - start);
      const [rights, first] = await run(indices);
      for (let n = 0; n < count; n++) {
        verdicts.push(rights![n] === 1 ? null : "clean");
      }
      if (start > 0) continue;
      passes.push(first!);
      while (passes.length < REPEATS) passes.push((await run(indices))[1]!);
    }
    const { randomized } = ensemble;
    const warnings = outputWarnings({ passes, classes }, { randomized });
    warnings.forEach((warning) => this.#warn(warning));
    await this.#update({ verdicts, passes: points.count });
  }

  /** One round on all that is left. False if it was stopped. */
  async #round(search: number, round: number): Promise<boolean> {
    const at = this.#roundAt(search, round);
    this.#state = { ...this.#state, round: at };
    const whole = at.done === at.points.length || await this.#batches(at);
    const { name } = this.#searches[search]!;
    const { flat, invalid } = this.#state.round!;
    if (whole) {
      this.#warn(flatWarning(name, flat));
      this.#warn(invalidWarning(name, invalid));
    }
    return whole;
  }

  /** The rest of a round, batch by batch. False if it was stopped. */
  async #batches(begun: RoundState): Promise<boolean> {
    const { signal, batchSize, network, ensemble } = this.#options;
    const { search, round, points } = begun;
    const one = this.#searches[search]!;
    const batches = Math.ceil(points.length / batchSize);
    const size = Math.ceil(points.length / batches);
    this.#report();
    using bound = await BoundRound.bind(
      this.#memory,
      { ...this.#options, threat: ensemble.threat },
      { search: one, round, size },
    );
    for (let at = begun; at.done < points.length;) {
      if (signal?.aborted) return false;
      const indices = points.slice(at.done, at.done + size);
      const results = await bound.run(indices, signal);
      if (!results) return false;
      at = {
        ...at,
        done: at.done + indices.length,
        flat: at.flat + results.filter(({ flat }) => flat).length,
        invalid: at.invalid + results.filter(({ valid }) => !valid).length,
      };
      await this.#record(bound, { indices, results });
      const cost = indices.length * one.passes(network.classes);
      await this.#update({ round: at, passes: this.#state.passes + cost });
      this.#report();
    }
    return true;
  }

  /** The round as it was left, or at its beginning. */
  #roundAt(search: number, round: number): RoundState {
    const { round: saved, verdicts } = this.#state;
    if (saved?.search === search && saved.round === round) return saved;
    const points = survivors(verdicts);
    return { search, round, points, done: 0, flat: 0, invalid: 0 };
  }

  /** Notes which images are broken. */
  async #record(
    bound: BoundRound,
    { indices, results }: {
      readonly indices: readonly number[];
      readonly results: readonly PointResult[];
    },
  ): Promise<void> {
    const { round, verdicts: old } = this.#state;
    const { name } = this.#searches[round!.search]!;
    const broken = results.map(({ broken, valid }) => broken && valid);
    const verdicts = [...old];
    indices.forEach((index, n) => {
      if (broken[n]) verdicts[index] = name;
    });
    this.#state = { ...this.#state, verdicts };
    const { onBroken } = this.#options;
    if (!onBroken || !broken.includes(true)) return;
    const images = await bound.images();
    const values = images.length / bound.size;
    indices.forEach((index, n) => {
      const own = images.subarray(n * values, (n + 1) * values);
      if (broken[n]) onBroken(index, own);
    });
  }

  #warn(warning: string | null): void {
    const { warnings } = this.#state;
    if (warning === null || warnings.includes(warning)) return;
    this.#state = { ...this.#state, warnings: [...warnings, warning] };
  }

  async #update(change: Partial<EnsembleState>): Promise<void> {
    const seconds = this.#before.seconds +
      (performance.now() - this.#started) / 1000;
    this.#state = { ...this.#state, ...change, seconds };
    await this.#options.onState?.(this.#state);
  }

  #report(): void {
    const { round: at, verdicts } = this.#state;
    const { name, rounds } = this.#searches[at!.search]!;
    this.#options.onProgress?.({
      attack: name,
      round: at!.round + 1,
      rounds,
      done: at!.done,
      of: at!.points.length,
      robust: survivors(verdicts).length,
      count: verdicts.length,
      secondsLeft: this.#secondsLeft(at!),
    });
  }

  /** At the speed so far, if no more images break. */
  #secondsLeft({ search, round, points, done }: RoundState): number {
    const { network: { classes } } = this.#options;
    const left = survivors(this.#state.verdicts).length;
    const own = this.#searches[search]!;
    const rest = (points.length - done) * own.passes(classes) +
      left * (own.rounds - round - 1) * own.passes(classes);
    const later = this.#searches.slice(search + 1).reduce(
      (sum, { passes, rounds }) => sum + left * rounds * passes(classes),
      0,
    );
    const seconds = (performance.now() - this.#started) / 1000;
    const passes = this.#state.passes - this.#before.passes;
    return (rest + later) * seconds / Math.max(passes, 1);
  }
}
