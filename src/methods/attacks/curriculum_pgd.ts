// The attack of curriculum adversarial training by softmax probability (SAT or ATES,
// Sitawarin et al., 2020): PGD that stops for an example as soon as its difficulty,
//
//   psi(x') = max_{j != y} p_j - p_y,  from -1 to 1,  p = softmax(f(x')),
//
// reaches a level that rises during training, so that early epochs see mild images.
//
// A reconstruction: the difficulty is the paper's, but its curriculum is not public in
// numbers. The level rises linearly here, and at 1 nothing stops early.

import { checked } from "../../base/check_fields.ts";
import { number, object } from "../../base/fields.ts";
import type { AttackKind } from "../kind.ts";
import {
  checkBall,
  doubtReach,
  ITERATION,
  type IterationConfig,
  iterationOf,
  startOf,
} from "./iteration.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { margin } from "../../ops/loss/margin.ts";
import {
  addScalar,
  clamp,
  less,
  mulScalar,
  negate,
} from "../../ops/pointwise.ts";
import { softmax } from "../../ops/loss/softmax.ts";
import type { Attack, AttackInputs } from "../attack.ts";
import { earlyStoppedPgd } from "./early_stopped_pgd.ts";
import type { PgdOptions } from "./pgd.ts";

/** How the level rises: from + (to - from) min(epoch / over, 1). */
export interface Curriculum {
  /** The level that training would begin at, from -1 to 1. */
  readonly from: number;
  /** The level from epoch `over` on, from -1 to 1. */
  readonly to: number;
  /** The epochs that it takes. */
  readonly over: number;
}

/** PGD's budget, and the levels. */
export interface CurriculumPgdOptions extends PgdOptions {
  /** The difficulty at which PGD stops, by epoch. */
  readonly level: Curriculum;
}

/** PGD that stops at a difficulty; outside training at the last level. */
export function curriculumPgd(options: CurriculumPgdOptions): Attack {
  checked(CURRICULUM_PGD, options);
  return earlyStoppedPgd({
    ...options,
    name: `curriculum pgd-${options.steps}`,
    enough: (logits, inputs) => {
      const difficulty = margin(softmax(logits), inputs.labels);
      return addScalar(negate(less(difficulty, levelAt(inputs, options))), 1);
    },
  });
}

function levelAt(
  { images: { graph }, epoch }: AttackInputs,
  { level: { from, to, over } }: CurriculumPgdOptions,
): Tensor {
  if (!epoch) return fill(graph, { shape: [], value: to });
  const done = clamp(mulScalar(epoch, 1 / over), { low: 0, high: 1 });
  return addScalar(mulScalar(done, to - from), from);
}

/** The attack of a curriculum in an experiment. */
export interface CurriculumPgdConfig extends IterationConfig {
  /** Tells it from other attacks. */
  readonly method: "curriculum-pgd";
  /** From -1 to 1: what a wrong class's probability exceeds the right one's by. */
  readonly level: Curriculum;
}

/** The attack of a curriculum as a kind. */
export const CURRICULUM_PGD: AttackKind<CurriculumPgdConfig> = {
  method: "curriculum-pgd",
  about: "PGD that stops at a difficulty that rises with the epoch",
  fields: {
    ...ITERATION,
    level: object<Curriculum>({
      from: number({ least: -1, most: 1, about: "the level in the beginning" }),
      to: number({ least: -1, most: 1, about: "the level in the end" }),
      over: number({ above: 0, about: "epochs that it takes" }),
    }, { about: "the difficulty that is enough", unreached: levelUnreached }),
  },
  needs: { labels: true },
  check: checkBall,
  doubt: doubtReach,
  start: startOf,
  create: (config) =>
    curriculumPgd({ ...iterationOf(config), level: config.level }),
};

function levelUnreached(
  { from, to, over }: Curriculum,
  epochs: number,
): string | null {
  if (over <= epochs) return null;
  const reached = from + (to - from) * epochs / over;
  return `The attack's level rises over ${over} epochs: the run ends with epoch ` +
    `${epochs}, at ${reached.toPrecision(3)} instead of ${to}`;
}
