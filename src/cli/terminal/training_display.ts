// The progress of training, as lines: one for each epoch and evaluation, and between
// them the current step. On a terminal that is the live line; elsewhere a line every
// 30 seconds, so that a log of days stays readable.

import { durationText, percentText } from "../../base/amounts.ts";
import type { Terminal } from "./terminal.ts";
import type { RunningMeans, TrainingEvent } from "../../trainer/events.ts";

/** Milliseconds between lines where there is no live line. */
const QUIET = 30_000;

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
  #compiled = 0;
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
        return this.#progress(this.#stepsText(event));
      case "epoch":
        this.#checkTerms(event);
        this.#line(this.#epochText(event));
        return this.#terminal.live(
          `epoch ${event.epoch}/${this.#epochs}  evaluating`,
        );
      case "evaluation":
        this.#line(evaluationText(event));
        // After the last epoch the test images follow.
        if (event.epoch !== this.#epochs && event.split !== "test") return;
        return this.#terminal.live("evaluating on test images");
      case "saved":
        return;
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

  #compile({ kernel }: Of<"compile">): void {
    const text = `compiling kernel ${++this.#compiled}: ${kernel}`;
    if (this.#terminal.isLive) this.#terminal.live(text);
    else if (this.#compiled === 1) this.#line("compiling kernels");
  }

  #start({ step, epochs, stepsPerEpoch, resumed }: Of<"start">): void {
    this.#epochs = epochs;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#terminal.clear();
    if (resumed) {
      this.#line(`continuing after step ${step} of ${epochs * stepsPerEpoch}`);
    }
    this.#terminal.live(
      `epoch ${Math.floor(step / stepsPerEpoch) + 1}/${epochs}`,
    );
  }

  #progress(text: string): void {
    if (this.#terminal.isLive) this.#terminal.live(text);
    else if (this.#now() - this.#spoken >= QUIET) this.#line(text);
  }

  #line(text: string): void {
    this.#spoken = this.#now();
    this.#terminal.clear();
    this.#terminal.print(text);
  }

  #stepsText(event: Of<"steps">): string {
    const { epoch, stepInEpoch, imagesPerSecond, secondsLeft } = event;
    return joined(
      `epoch ${epoch}/${this.#epochs}`,
      `step ${stepInEpoch}/${this.#stepsPerEpoch}`,
      `${durationText(secondsLeft)} left`,
      `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0)} images/s`,
      meansText(event),
    );
  }

  #epochText(event: Of<"epoch">): string {
    return joined(
      `epoch ${event.epoch}/${this.#epochs}`,
      durationText(event.seconds),
      meansText(event),
    );
  }
}

/** The accuracies that training looked at, then losses, which may be many. */
function meansText(
  { terms, cleanAccuracy, adversarialAccuracy, teacherAccuracy }: RunningMeans,
): string {
  const losses = Object.entries(terms)
    .map(([name, value]) => `${name} ${lossText(value)}`);
  const accuracies = Object.entries({
    clean: cleanAccuracy,
    adversarial: adversarialAccuracy,
    teacher: teacherAccuracy,
  }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${percentText(value)}`]
  );
  return joined(
    accuracies.length ? `accuracy ${accuracies.join(", ")}` : "",
    `loss ${losses.join(", ")}`,
  );
}

/** Two digits are enough to follow a loss; tiny ones keep theirs. */
function lossText(value: number): string {
  return Math.abs(value) >= 0.1 || value === 0
    ? value.toFixed(2)
    : value.toPrecision(2);
}

function evaluationText(
  { epoch, split, network, accuracies, best }: Of<"evaluation">,
): string {
  const images = split === "validation" ? "held-out images" : "test images";
  const found = Object.entries(accuracies)
    .map(([name, accuracy]) => `${name} ${percentText(accuracy)}`);
  return joined(
    `epoch ${epoch}, ${network} on ${images}:`,
    found.join(", "),
    best && split === "validation" ? "best so far" : "",
  );
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("  ");
}
