// Attacks that training may run and evaluation may not, as data: none of them says how
// robust a network is within the ball.

import type { AttackStart } from "../methods/attacks/pgd.ts";
import type { Curriculum } from "../methods/attacks/curriculum_pgd.ts";
import type { AttackConfig, Fraction, IterationConfig } from "./experiment.ts";
import type { Refusal } from "./check_experiment.ts";

/** An attack that leaves the ball and is therefore for training alone. */
export interface NFgsmConfig {
  /** Tells it from other attacks. */
  readonly method: "n-fgsm";
  /** The radius to become robust within, in the maximum norm. */
  readonly epsilon: Fraction;
  /** Length of the one step. */
  readonly stepSize: Fraction;
  /** Largest noise, as a multiple of the radius. */
  readonly noise: number;
}

/** FAT's attack, which stops soon after the first mistake. */
export interface FriendlyPgdConfig extends IterationConfig {
  /** Tells it from other attacks. */
  readonly method: "friendly-pgd";
  /** Standard deviation of the noise in each step. */
  readonly noise: number;
  /** Epochs after each of which it takes one step more behind the first mistake. */
  readonly tauRises: readonly number[];
}

/** The attack of a curriculum, which stops at a difficulty that rises with the epoch. */
export interface CurriculumPgdConfig extends IterationConfig {
  /** Tells it from other attacks. */
  readonly method: "curriculum-pgd";
  /** From -1 to 1: what a wrong class's probability exceeds the right one's by. */
  readonly level: Curriculum;
}

/** PGD whose radius, step and number of steps the objective plans for every image. */
export interface StrategicPgdConfig {
  /** Tells it from other attacks. */
  readonly method: "strategic-pgd";
  /** The radius of a uniform start. */
  readonly epsilon: Fraction;
  /** Where the search begins. */
  readonly start: AttackStart;
  /** The most steps that an image may have. */
  readonly steps: number;
}

/** An attack that is for training alone. */
export type TrainingOnlyAttackConfig =
  | NFgsmConfig
  | StrategicPgdConfig
  | FriendlyPgdConfig
  | CurriculumPgdConfig;

/** Refuses what is out of range in the fields that only these attacks have. */
export function checkTrainingOnlyAttack(
  path: string,
  config: AttackConfig | TrainingOnlyAttackConfig,
  fail: Refusal,
): void {
  if ("noise" in config && !(config.noise >= 0 && config.noise < Infinity)) {
    fail(`${path}.noise`, "a number of at least 0", config.noise);
  }
  if (config.method === "friendly-pgd") {
    const wrong = config.tauRises.find((epoch) => !Number.isInteger(epoch));
    if (wrong !== undefined) {
      fail(`${path}.tauRises`, "a list of epochs", wrong);
    }
  }
  if (config.method === "curriculum-pgd") {
    const { from, to, over } = config.level;
    const wrong = [from, to].find((level) => !(level >= -1 && level <= 1));
    if (wrong !== undefined) {
      fail(`${path}.level`, "a curriculum of levels from -1 to 1", wrong);
    }
    if (!(over > 0)) fail(`${path}.level.over`, "a number above 0", over);
  }
}
