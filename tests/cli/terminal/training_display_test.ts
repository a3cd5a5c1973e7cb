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
    best: split === "validation",
  };
}

/** A part of an evaluation on 256 images. */
function evaluatingAt(
  count: number,
  split: "validation" | "test",
): TrainingEvent {
  return {
    kind: "evaluating",
    epoch: 1,
    split,
    network: "student",
    attack: "pgd-20",
    count,
    correct: count / 4,
    of: 256,
    secondsLeft: 75,
  };
}

const SAVED: TrainingEvent = { kind: "saved", path: "last", step: 30 };

Deno.test("TrainingDisplay.show() counts every step from the first in the live line", () => {
  const { terminal, lines } = recordedTerminal(80);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  assertEquals(lines(), ["epoch 1/2  ░░░░░░░░░░░░░░░░  step 0/30"]);
  for (const step of [1, 2, 15]) display.show(stepAt(step));
  assertEquals(lines(), [
    "epoch 1/2  ████████░░░░░░░░  step 15/30  1 min 15 s left  123 images/s",
  ]);
  const unknown = { ...stepAt(30), secondsLeft: null } as TrainingEvent;
  display.show(unknown);
  assertEquals(lines(), [
    "epoch 1/2  ████████████████  step 30/30  123 images/s",
  ]);
});

Deno.test("TrainingDisplay.show() keeps epochs above the live line, within 80 columns", () => {
  const { terminal, lines } = recordedTerminal(80);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  display.show(EPOCH);
  display.show(SAVED);
  assertEquals(lines(), [
    "epoch 1/2  41 s  accuracy adversarial 12.5 %, teacher 50.0 %",
    "  loss adversarial 2.35, relation 0.012",
    "epoch 2/2  ░░░░░░░░░░░░░░░░  step 0/30",
  ]);
});

Deno.test("TrainingDisplay.show() says what is evaluated only while it is", () => {
  const { terminal, lines } = recordedTerminal(80);
  const display = new TrainingDisplay(terminal);
  display.show(START);
  display.show(EPOCH);
  assertEquals(lines().at(-1), "");
  display.show(evaluatingAt(0, "validation"));
  assertEquals(
    lines().at(-1),
    "evaluating  ░░░░░░░░░░░░░░░░  student, pgd-20  0/256 held-out images",
  );
  display.show(evaluatingAt(128, "test"));
  assertEquals(
    lines().at(-1),
    "evaluating  ████████░░░░░░░░  student, pgd-20  128/256 test images",
  );
  display.show(evaluationAt(1, "validation"));
  assertEquals(lines().slice(2), [
    "epoch 1, student on held-out images:  clean 75.0 %, pgd-20 43.2 %  best so far",
    "",
  ]);
  display.show(SAVED);
  assertEquals(lines().at(-1), "epoch 2/2  ░░░░░░░░░░░░░░░░  step 0/30");
  display.show(evaluationAt(2, "test"));
  display.show({ ...SAVED, step: 60 } as TrainingEvent);
  assertEquals(lines().slice(-2), [
    "epoch 2, student on test images:  clean 75.0 %, pgd-20 43.2 %",
    "",
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

Deno.test("TrainingDisplay.show() says in a file every 30 seconds what is evaluated", () => {
  const { terminal, out } = recordedTerminal(null);
  let now = 0;
  const display = new TrainingDisplay(terminal, () => now);
  display.show(START);
  for (now = 0; now <= 35_000; now += 5000) {
    display.show(evaluatingAt(64, "test"));
  }
  assertEquals(
    out(),
    "epoch 1/2  evaluating  student, pgd-20  64/256 test images  " +
      "1 min 15 s left  25.0 % correct\n",
  );
});

Deno.test("TrainingDisplay.show() counts kernels on a terminal, and names them once in a file", () => {
  const compile = (number: number): TrainingEvent => ({
    kind: "compile",
    program: "training step",
    kernel: "matmul",
    number,
    of: 77,
  });
  const { terminal, lines } = recordedTerminal(80);
  const display = new TrainingDisplay(terminal);
  for (const number of [1, 12]) display.show(compile(number));
  assertEquals(lines(), [
    "compiling  ██░░░░░░░░░░░░░░  kernel 12 of 77  training step  matmul",
  ]);
  const file = recordedTerminal(null);
  const inFile = new TrainingDisplay(file.terminal);
  for (const number of [1, 12]) inFile.show(compile(number));
  assertEquals(file.out(), "compiling kernels\n");
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
