import { assertEquals } from "@std/assert";
import { TrainingDisplay } from "../../../src/cli/terminal/training_display.ts";
import type { TrainingEvent } from "../../../src/trainer/events.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";

const MEANS = {
  terms: { adversarial: 2.3456, relation: 0.0123 },
  cleanAccuracy: null,
  adversarialAccuracy: 0.125,
  teacherAccuracy: 0.5,
};

const START: TrainingEvent = {
  kind: "start",
  step: 0,
  epochs: 2,
  stepsPerEpoch: 30,
  resumed: false,
};

/** News of a step. */
function stepAt(step: number): TrainingEvent {
  return {
    kind: "steps",
    epoch: 1,
    step,
    stepInEpoch: step,
    imagesPerSecond: 123.4,
    learningRate: 0.1,
    secondsLeft: 75,
    ...MEANS,
  };
}

const STEP_TEXT = "epoch 1/2  step 10/30  1 min 15 s left  123 images/s  " +
  "accuracy adversarial 12.5 %, teacher 50.0 %  " +
  "loss adversarial 2.35, relation 0.012";

const EPOCH: TrainingEvent = {
  kind: "epoch",
  epoch: 1,
  step: 30,
  seconds: 41,
  ...MEANS,
};

const EPOCH_TEXT = "epoch 1/2  41 s  accuracy adversarial 12.5 %, teacher " +
  "50.0 %  loss adversarial 2.35, relation 0.012";

/** An evaluation of the student in some epoch. */
function evaluationAt(
  epoch: number,
  split: "validation" | "test",
): TrainingEvent {
  return {
    kind: "evaluation",
    epoch,
    split,
    network: "student",
    accuracies: { clean: 0.75, "pgd-20": 0.4321 },
    best: true,
  };
}

Deno.test("TrainingDisplay.show() keeps steps in the live line and epochs above it", () => {
  const { terminal, lines } = recordedTerminal(200);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  display.show(stepAt(5));
  display.show(stepAt(10));
  assertEquals(lines(), [STEP_TEXT]);
  display.show(EPOCH);
  assertEquals(lines(), [EPOCH_TEXT, "epoch 1/2  evaluating"]);
  display.show(evaluationAt(1, "validation"));
  assertEquals(lines(), [
    EPOCH_TEXT,
    "epoch 1, student on held-out images:  clean 75.0 %, pgd-20 43.2 %  " +
    "best so far",
    "",
  ]);
});

Deno.test("TrainingDisplay.show() says when it goes on to the test images", () => {
  const { terminal, lines } = recordedTerminal(200);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  display.show(evaluationAt(2, "validation"));
  assertEquals(lines().at(-1), "evaluating on test images");
  display.show(evaluationAt(1, "test"));
  assertEquals(lines().slice(1), [
    "epoch 1, student on test images:  clean 75.0 %, pgd-20 43.2 %",
    "evaluating on test images",
  ]);
});

Deno.test("TrainingDisplay.show() prints a step to a file every 30 seconds", () => {
  const { terminal, out } = recordedTerminal(null);
  let now = 0;
  const display = new TrainingDisplay(terminal, () => now);
  display.show(START);
  for (now = 0; now <= 65_000; now += 5000) display.show(stepAt(10));
  assertEquals(out(), `${STEP_TEXT}\n`.repeat(2));
  display.show(EPOCH);
  now += 29_000;
  display.show(stepAt(20));
  assertEquals(out(), `${STEP_TEXT}\n`.repeat(2) + `${EPOCH_TEXT}\n`);
});

Deno.test("TrainingDisplay.show() says that kernels are compiled: each on a terminal, once in a file", () => {
  for (const [columns, expected] of [[80, 2], [null, 1]] as const) {
    const { terminal, out } = recordedTerminal(columns);
    const display = new TrainingDisplay(terminal);
    display.show({ kind: "compile", kernel: "matmul" });
    display.show({ kind: "compile", kernel: "sgd" });
    assertEquals(out().match(/compiling/g)?.length, expected);
  }
});

Deno.test("TrainingDisplay.show() says where a resumed run goes on", () => {
  const { terminal, lines } = recordedTerminal(null);
  const display = new TrainingDisplay(terminal);
  display.show({ ...START, step: 43, resumed: true });
  assertEquals(lines(), ["continuing after step 43 of 60", ""]);
});

Deno.test("TrainingDisplay.show() warns once of a loss that is no number", () => {
  const { terminal, err } = recordedTerminal(null);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  for (const step of [5, 10]) {
    const event = { ...stepAt(step), terms: { natural: 1, robust: NaN } };
    display.show(event as TrainingEvent);
  }
  assertEquals(
    err(),
    'Warning: the loss "robust" is NaN: the run has diverged. A lower ' +
      "learning rate may help\n",
  );
});
