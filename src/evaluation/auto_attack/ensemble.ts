// The evaluation of a network by an ensemble of attacks such as AutoAttack. Every round
// of every attack runs on the images that are not broken yet, in batches of nearly equal
// size. An image is broken if the network misclassifies it at first, or if an attack finds
// an image within the ball and [0, 1] that is misclassified when it is run again, also
// where the attack sees another network. The state is passed on after every batch; an evaluation that continues from it ends as if
// it had never been stopped.

import type { Ensemble } from "../../methods/attacks/auto_attack.ts";
import type { RoundAttack } from "../../methods/round_attack.ts";
import { CleanPass } from "./clean_pass.ts";
import type { Memory } from "../../gpu/memory.ts";
import type { Network } from "../../nn/network.ts";
import {
  type BatchSource,
  consecutiveBatches,
} from "../../step/batch_source.ts";
import { BoundRound, type ImageResult } from "./round.ts";
import {
  invalidWarning,
  outputWarnings,
  zeroGradientWarning,
} from "./warnings.ts";
import {
  type EnsembleState,
  type RoundState,
  squareWarning,
  stages,
  survivors,
  type Verdict,
} from "../../runs/ensemble_state.ts";

/** The network and images to evaluate, and the attacks. */
export interface EnsembleEvaluation {
  readonly network: Network;
  /** The network that attacks see; `network` if left out. */
  readonly craftedOn?: Network | undefined;
  readonly source: BatchSource;
  readonly ensemble: Ensemble;
  /** Most images that are attacked at once. */
  readonly batchSize: number;
  readonly seed: number;
  /** Where to continue; the beginning if left out. */
  readonly state?: EnsembleState | undefined;
  /** Called with the state after every batch, to keep it. */
  readonly onState?: (state: EnsembleState) => Promise<void> | void;
  readonly onProgress?: (progress: EnsembleProgress) => void;
  /** Stops between two batches, or two parts of one. */
  readonly signal?: AbortSignal;
  /** Called with the images that broke, by their indices. */
  readonly onBroken?: (index: number, image: Float32Array) => void;
}

/** The progress of an evaluation. */
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

/** Passes over the first batch, whose outputs are compared for random numbers. */
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
  readonly #attacks: readonly RoundAttack[];
  /** When this began, and the passes and seconds before. */
  readonly #started = performance.now();
  readonly #before: { readonly passes: number; readonly seconds: number };
  #state: EnsembleState;

  constructor(memory: Memory, options: EnsembleEvaluation) {
    const { ensemble, network, state } = options;
    const { attacks, warnings } = ensemble.members(network.classes);
    this.#memory = memory;
    this.#options = options;
    this.#attacks = attacks;
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
    for (let s = from.search; s < this.#attacks.length; s++) {
      const first = s === from.search ? from.round : 0;
      for (let round = first; round < this.#attacks[s]!.rounds; round++) {
        if (!await this.#round(s, round)) return this.#state;
      }
    }
    const names = this.#attacks.map(({ name }) => name);
    const warning = squareWarning(stages(this.#state.verdicts, names));
    this.#warn(warning);
    await this.#update({ round: null, finished: true });
    return this.#state;
  }

  /** Finds the images that are classified correctly, and checks the first outputs. */
  async #cleanPass(): Promise<void> {
    const { source, network, batchSize, ensemble } = this.#options;
    const { count } = source;
    const { classes } = network;
    const size = Math.min(batchSize, count);
    using pass = await CleanPass.bind(this.#memory, { network, source, size });
    const verdicts: Verdict[] = [];
    const first: Float32Array[] = [];
    for (const { start, indices } of consecutiveBatches({ count, batchSize })) {
      const { right, logits } = await pass.run(indices);
      verdicts.push(...right.map((one) => one ? null : "clean"));
      if (start > 0) continue;
      first.push(logits);
      while (first.length < REPEATS) {
        first.push((await pass.run(indices)).logits);
      }
    }
    const { randomized } = ensemble;
    const outputs = { passes: first, classes };
    for (const warning of outputWarnings(outputs, { randomized })) {
      this.#warn(warning);
    }
    await this.#update({ verdicts, passes: count });
  }

  /** Runs one round on all images that are left. Returns false if it was stopped. */
  async #round(search: number, round: number): Promise<boolean> {
    const at = this.#roundAt(search, round);
    this.#state = { ...this.#state, round: at };
    const whole = at.done === at.points.length || await this.#batches(at);
    const { name } = this.#attacks[search]!;
    const { flat, invalid } = this.#state.round!;
    if (whole) {
      this.#warn(zeroGradientWarning(name, flat));
      this.#warn(invalidWarning(name, invalid));
    }
    return whole;
  }

  /** Runs the rest of a round, batch by batch. Returns false if it was stopped. */
  async #batches(begun: RoundState): Promise<boolean> {
    const { signal, batchSize, network } = this.#options;
    const { threat } = this.#options.ensemble;
    const { search, round, points } = begun;
    const attack = this.#attacks[search]!;
    const batches = Math.ceil(points.length / batchSize);
    const size = Math.ceil(points.length / batches);
    this.#report();
    using bound = await BoundRound.bind(this.#memory, {
      ...this.#options,
      threat,
      attack,
      round,
      size,
    });
    for (let at = begun; at.done < points.length;) {
      if (signal?.aborted) return false;
      const indices = points.slice(at.done, at.done + size);
      const results = await bound.run(indices, signal);
      if (!results) return false;
      at = {
        ...at,
        done: at.done + indices.length,
        flat: at.flat +
          results.filter(({ zeroGradient }) => zeroGradient).length,
        invalid: at.invalid + results.filter(({ valid }) => !valid).length,
      };
      await this.#record(bound, { indices, results });
      const cost = indices.length * attack.passes(network.classes);
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
      readonly results: readonly ImageResult[];
    },
  ): Promise<void> {
    const { round, verdicts: old } = this.#state;
    const { name } = this.#attacks[round!.search]!;
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
    const { name, rounds } = this.#attacks[at!.search]!;
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
    const own = this.#attacks[search]!;
    const rest = (points.length - done) * own.passes(classes) +
      left * (own.rounds - round - 1) * own.passes(classes);
    const later = this.#attacks.slice(search + 1).reduce(
      (sum, { passes, rounds }) => sum + left * rounds * passes(classes),
      0,
    );
    const seconds = (performance.now() - this.#started) / 1000;
    const passes = this.#state.passes - this.#before.passes;
    return (rest + later) * seconds / Math.max(passes, 1);
  }
}
