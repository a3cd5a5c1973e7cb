// Objectives as functions of logits alone, compared with PyTorch: views that give
// what a fixture holds instead of what networks make.

import { assertAlmostEquals } from "@std/assert";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Objective } from "../../src/methods/objective.ts";
import { BETA } from "../../src/methods/objectives/las.ts";
import { Signals, SURVIVAL_RATE } from "../../src/methods/signal.ts";
import type { StepHooks } from "../../src/methods/step_hooks.ts";
import type { Views } from "../../src/methods/views.ts";
import { grad } from "../../src/ops/grad.ts";
import { fill } from "../../src/ops/fill.ts";
import { add, mulScalar } from "../../src/ops/pointwise.ts";
import { evaluate, type Given } from "./evaluate.ts";
import { readFixture } from "./read_fixture.ts";

const NAMES = ["clean", "adversarial", "teacher"] as const;

/** Whose logits. */
export type LogitsName = typeof NAMES[number];

/**
 * Views of given logits (N, classes) and labels in the first epoch; there is nothing
 * else to see but what an attack recorded.
 */
export function viewsOf(
  logits: Readonly<Record<LogitsName, Tensor>>,
  labels: Tensor,
  signals: Signals = new Signals(),
): Views {
  const output = (name: LogitsName) => ({
    logits: logits[name],
    features: logits[name],
  });
  return {
    ofAllRanks: (...features) => features,
    x: labels,
    labels,
    targets: labels,
    clean: output("clean"),
    adversarial: output("adversarial"),
    teacher: output("teacher"),
    get teacherInEval() {
      return none();
    },
    get teacherAdversarial() {
      return none();
    },
    get indices() {
      return none();
    },
    epoch: fill(labels.graph, { shape: [], value: 1 }),
    read: (signal) => signals.read(signal),
    get imagesByClass() {
      return none();
    },
    scheduled: none,
    random: none,
  };
}

function none(): never {
  throw new TypeError("Cannot view anything else: expected logits alone");
}

/** Hooks that count nothing again, as there is no forward pass, and do nothing else. */
export const HOOKS: StepHooks = {
  countAgain: () => {},
  afterStep: none,
  auxiliaryLoss: none,
};

/** The sum of an objective's terms. */
export function totalOf({ terms }: Objective, views: Views): Tensor {
  return Object.values(terms(views, HOOKS)).reduce((a, b) => add(a, b));
}

/** A loss of the fixture. */
export interface RecordedObjective {
  readonly build: (views: Views) => Tensor;
  /** The logits that the fixture has gradients by. */
  readonly wrt: readonly LogitsName[];
  /** What float32 leaves of a value that is a difference of larger ones. */
  readonly rounding?: number;
}

/** Registers tests that a loss and its gradients are those of the fixture. */
export function checkRecorded(
  loss: string,
  { build, wrt, rounding = 0 }: RecordedObjective,
): void {
  const recorded = readFixture("losses");
  for (const row of ["plain", "close", "wide"]) {
    Deno.test(`${loss} agrees with PyTorch: ${row}`, async () => {
      const input = (who: string) => recorded.get(`inputs/${row}/${who}`)!;
      const inputs: Given[] = [
        ...NAMES.map(input),
        { ...input("labels"), dtype: "u32" },
        input("kappa"),
      ];
      const found = await evaluate(
        inputs,
        ([clean, adversarial, teacher, labels, kappa]) => {
          const logits = {
            clean: clean!,
            adversarial: adversarial!,
            teacher: teacher!,
          };
          // kappa is of ten steps; it stands for other numbers per example, too.
          const signals = new Signals();
          signals.record(SURVIVAL_RATE, mulScalar(kappa!, 0.1));
          signals.record(BETA, kappa!);
          const value = build(viewsOf(logits, labels!, signals));
          return [value, ...grad(value, wrt.map((name) => logits[name]))];
        },
      );
      const keys = ["value", ...wrt.map((name) => `gradient/${name}`)];
      for (const [who, results] of Object.entries(found)) {
        keys.forEach((key, i) => {
          const { values } = recorded.get(`${loss}/${row}/${key}`)!;
          const largest = Math.max(...values.map(Math.abs));
          values.forEach((value, j) =>
            assertAlmostEquals(
              results[i]![j]!,
              value,
              1e-5 * largest + rounding,
              `${who}, ${key}, element ${j}`,
            )
          );
        });
      }
    });
  }
}
