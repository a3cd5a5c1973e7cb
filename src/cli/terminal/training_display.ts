// The progress of training: a line that stays for each epoch and evaluation, and between
// them what is under way. On a terminal that is the live line; elsewhere a line every
// 30 seconds, so that a log of days stays readable.
//
// What is under way is what an event says, and never a guess about what comes next.

import { countText, durationText, percentText } from "../../base/amounts.ts";
import { compilationLine } from "./compilation_line.ts";
import type { Terminal } from "./terminal.ts";
import type { RunningMeans, TrainingEvent } from "../../trainer/events.ts";

/** Milliseconds between lines where there is no live line. */
const QUIET = 30_000;

/** What is said of the epoch that is the best so far. */
const BEST = "best so far";

type Of<Kind extends TrainingEvent["kind"]> = Extract<
  TrainingEvent,
  { readonly kind: Kind }
>;

/** Shows the events of one run. */
export class TrainingDisplay {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #epochs = 0;
  #stepsPerEpoch = 0;
  #hasCompiled = false;
  #spoken: number;
  #diverged = false;

  /** `now` is a clock in milliseconds. */
  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
    this.#spoken = now();
  }

  /** Shows one event. */
  show(event: TrainingEvent): void {
    switch (event.kind) {
      case "compile":
        return this.#compile(event);
      case "start":
        return this.#start(event);
      case "steps":
        this.#checkTerms(event);
        return this.#steps(event);
      case "epoch":
        this.#checkTerms(event);
        return this.#print(this.#epochText(event));
      case "evaluating":
        return this.#evaluating(event);
      case "evaluation":
        return this.#print(evaluationText(event));
      case "saved":
        return this.#saved(event);
    }
  }

  /** Warns once that a loss is NaN or infinite, from which training does not recover. */
  #checkTerms({ terms }: RunningMeans): void {
    const lost = Object.keys(terms).find((name) => !isFinite(terms[name]!));
    if (lost === undefined || this.#diverged) return;
    this.#diverged = true;
    this.#terminal.warn(
      `Warning: the loss "${lost}" is ${terms[lost]}: the run has diverged. ` +
        "A lower learning rate may help",
    );
  }

  #compile(event: Of<"compile">): void {
    this.#terminal.live(compilationLine(event));
    const isFirst = !this.#hasCompiled;
    this.#hasCompiled = true;
    if (isFirst && !this.#terminal.isLive) this.#print("compiling kernels");
  }

  #start({ step, epochs, stepsPerEpoch, resumed }: Of<"start">): void {
    this.#epochs = epochs;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#terminal.clear();
    if (resumed) {
      const steps = epochs * stepsPerEpoch;
      this.#print(`continuing after step ${step} of ${steps}`);
    }
    this.#beginEpoch(step);
  }

  /** Shows the epoch of the step after these, before that is done. */
  #beginEpoch(step: number): void {
    const epoch = Math.floor(step / this.#stepsPerEpoch) + 1;
    const stepInEpoch = step % this.#stepsPerEpoch;
    if (epoch <= this.#epochs) this.#live({ epoch, stepInEpoch }, []);
  }

  #steps(event: Of<"steps">): void {
    const { secondsLeft, imagesPerSecond: speed } = event;
    const details = [
      ...leftTexts(secondsLeft),
      `${speed.toFixed(speed < 10 ? 1 : 0)} images/s`,
      ...meansTexts(event),
    ];
    this.#live(event, details);
    const { epoch, stepInEpoch } = event;
    const place = `step ${stepInEpoch}/${this.#stepsPerEpoch}`;
    this.#sometimes([`epoch ${epoch}/${this.#epochs}`, place, ...details]);
  }

  #live(
    { epoch, stepInEpoch }: Pick<Of<"steps">, "epoch" | "stepInEpoch">,
    details: readonly string[],
  ): void {
    this.#terminal.live({
      what: `epoch ${epoch}/${this.#epochs}`,
      done: stepInEpoch / this.#stepsPerEpoch,
      details: [`step ${stepInEpoch}/${this.#stepsPerEpoch}`, ...details],
    });
  }

  #evaluating(event: Of<"evaluating">): void {
    const { epoch, network, attack, correct, count, of, secondsLeft } = event;
    const details = [
      `${network}, ${attack}`,
      `${countText(count)}/${countText(of)} ${imagesOf(event)}`,
      ...leftTexts(secondsLeft),
      ...count > 0 ? [`${percentText(correct / count)} correct`] : [],
    ];
    this.#terminal.live({ what: "evaluating", done: count / of, details });
    this.#sometimes([
      `epoch ${epoch}/${this.#epochs}`,
      "evaluating",
      ...details,
    ]);
  }

  /** After an epoch's last checkpoint the next epoch begins. */
  #saved({ step }: Of<"saved">): void {
    if (step % this.#stepsPerEpoch === 0) this.#beginEpoch(step);
  }

  /** A line for those who have no live line, if the last one is long ago. */
  #sometimes(parts: readonly string[]): void {
    if (this.#terminal.isLive || this.#now() - this.#spoken < QUIET) return;
    this.#print(parts.join("  "));
  }

  #print(text: string): void {
    this.#spoken = this.#now();
    this.#terminal.clear();
    this.#terminal.print(text, { wrap: true, accent: BEST });
  }

  #epochText(event: Of<"epoch">): string {
    return [
      `epoch ${event.epoch}/${this.#epochs}`,
      durationText(event.seconds),
      ...meansTexts(event),
    ].join("  ");
  }
}

function leftTexts(seconds: number | null): string[] {
  return seconds === null ? [] : [`${durationText(seconds)} left`];
}

/** The accuracies of training, then the losses, which may be many. */
function meansTexts(
  { terms, cleanAccuracy, adversarialAccuracy, teacherAccuracy }: RunningMeans,
): string[] {
  const losses = Object.entries(terms)
    .map(([name, value]) => `${name} ${lossText(value)}`);
  const accuracies = Object.entries({
    clean: cleanAccuracy,
    adversarial: adversarialAccuracy,
    teacher: teacherAccuracy,
  }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${percentText(value)}`]
  );
  return [
    ...accuracies.length ? [`accuracy ${accuracies.join(", ")}`] : [],
    `loss ${losses.join(", ")}`,
  ];
}

/** Two digits are enough to follow a loss; tiny ones keep theirs. */
function lossText(value: number): string {
  return Math.abs(value) >= 0.1 || value === 0
    ? value.toFixed(2)
    : value.toPrecision(2);
}

function imagesOf({ split }: Pick<Of<"evaluation">, "split">): string {
  return split === "validation" ? "held-out images" : "test images";
}

function evaluationText(event: Of<"evaluation">): string {
  const { epoch, network, accuracies, best } = event;
  const found = Object.entries(accuracies)
    .map(([name, accuracy]) => `${name} ${percentText(accuracy)}`);
  return [
    `epoch ${epoch}, ${network} on ${imagesOf(event)}:`,
    found.join(", "),
    ...best ? [BEST] : [],
  ].join("  ");
}
