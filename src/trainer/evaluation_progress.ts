// An evaluation under way in a run: every batch is an event, and tells how fast the
// evaluations are that are still to come.

import type { EvaluationProgress, Evaluator } from "../evaluation/accuracy.ts";
import { costOf } from "../graph/cost.ts";
import { countParameters } from "../nn/module.ts";
import type { EpochEvaluators } from "./epoch_evaluators.ts";
import type { EvaluationPlace, TrainingEvent } from "./events.ts";
import type { TrainingSession } from "./session.ts";
import type { RunWork, TimeLeft } from "./time_left.ts";
import type { TrainOptions } from "./train_options.ts";

/** What is evaluated after which step, and who is told. */
interface WatchedEvaluation {
  readonly what: EvaluationPlace;
  /** Steps taken. */
  readonly step: number;
  readonly timeLeft: TimeLeft;
  readonly report: (event: TrainingEvent) => void;
}

/** Reports every batch of an evaluation, and measures its speed. */
export function evaluationProgress(
  evaluator: Evaluator,
  { what, step, timeLeft, report }: WatchedEvaluation,
): EvaluationProgress {
  const work = evaluator.flops();
  const names = Object.keys(work);
  const tell = (attack: string, done: { correct: number; count: number }) =>
    report({
      kind: "evaluating",
      ...what,
      attack,
      ...done,
      of: evaluator.count,
      secondsLeft: timeLeft.seconds(step),
    });
  const begin = (attack: string | undefined) =>
    attack !== undefined && tell(attack, { correct: 0, count: 0 });
  begin(names[0]);
  let before = { time: performance.now(), attack: "", count: 0 };
  return (attack, { correct, count, of }) => {
    const time = performance.now();
    const images = count - (before.attack === attack ? before.count : 0);
    timeLeft.evaluated({
      isTest: what.split === "test",
      step,
      flops: work[attack]! * images / of,
      seconds: (time - before.time) / 1000,
    });
    before = { time, attack, count };
    tell(attack, { correct, count });
    if (count === of) begin(names[names.indexOf(attack) + 1]);
  };
}

/**
 * The work of a run. A network is taken to cost by the number of its parameters, and
 * the test images like those that are measured after epochs.
 */
export function runWork(
  { experiment, dataset }: TrainOptions,
  { session, evaluators }: {
    readonly session: TrainingSession;
    readonly evaluators: EpochEvaluators;
  },
): RunWork {
  const { epochs, evaluation: { every } } = experiment;
  const { step: { programs, student, teacher, average }, stepsPerEpoch } =
    session;
  const size = ({ materialized: { module } }: typeof student) =>
    countParameters(module);
  const networks = 1 + (average ? 1 : 0) +
    (teacher ? size(teacher) / size(student) : 0);
  let validation = 0, images = 0;
  for (const { evaluator } of evaluators.all) {
    const flops = Object.values(evaluator.flops());
    validation += flops.reduce((sum, one) => sum + one, 0);
    images += evaluator.count;
  }
  const perImage = images > 0 ? validation / images : 0;
  return {
    steps: epochs * stepsPerEpoch,
    stepsPerEpoch,
    every,
    step: costOf(programs.full).flops,
    validation,
    // Of the last and of the best networks.
    test: 2 * networks * perImage * dataset.test.count,
  };
}
