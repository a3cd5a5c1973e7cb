// The measurements of a log as numbers by step, with names such as `train/adversarial`,
// for tables and TensorBoard. The log has means over an epoch so far. Here, `train/` has
// means over the steps since the previous line, and `epoch/` over whole epochs.

import type { LogLine, LogMeans, LogPlace } from "./log_line.ts";

/** The measurements at a step. */
export interface LoggedScalars {
  /** Steps taken. */
  readonly step: number;
  /** The epoch of the latest of them, from 1. */
  readonly epoch: number;
  /** The time of measuring, in ISO 8601; undefined in old logs. */
  readonly time: string | undefined;
  readonly values: Readonly<Record<string, number>>;
}

/** Converts the lines of a log, in their order. */
export class LogScalars {
  /** The previous line about steps. */
  #before: (LogPlace & LogMeans) | undefined;
  /** The step that each epoch ended with. */
  readonly #ends = new Map<number, number>();

  /** The measurements of the next line; null if it has none. */
  next(line: LogLine): LoggedScalars | null {
    const { epoch, step, time } = line;
    switch (line.kind) {
      case "steps":
      case "epoch": {
        const values = this.#steps(line);
        if (line.kind === "epoch") this.#ends.set(epoch, step);
        return { epoch, step, time, values };
      }
      case "evaluation": {
        // The best epoch's test result belongs to that epoch's end.
        const at = this.#ends.get(epoch) ?? step;
        return { epoch, step: at, time, values: accuracies(line) };
      }
      default:
        return null;
    }
  }

  #steps(line: Extract<LogLine, LogMeans>): Record<string, number> {
    const { kind, means, learningRate, imagesPerSecond } = line;
    const before = this.#before?.epoch === line.epoch ? this.#before : null;
    this.#before = line;
    const since = line.images === undefined
      ? {}
      : meansSince(before, { means, images: line.images });
    return {
      ...prefixed("train", since),
      ...kind === "epoch" ? prefixed("epoch", means) : {},
      "train/learningRate": learningRate,
      "train/imagesPerSecond": imagesPerSecond,
    };
  }
}

/** The means over the images since an earlier line of the epoch. */
function meansSince(
  before: Pick<LogMeans, "means" | "images"> | null,
  { means, images }: { means: LogMeans["means"]; images: number },
): Record<string, number> {
  const seen = before?.images ?? 0;
  if (before && (before.images === undefined || images <= seen)) return {};
  return Object.fromEntries(
    Object.entries(means).map(([name, mean]) => {
      const sum = seen === 0 ? 0 : seen * (before?.means[name] ?? 0);
      return [name, (images * mean - sum) / (images - seen)];
    }),
  );
}

function accuracies(
  { split, network, results }: Extract<LogLine, { kind: "evaluation" }>,
): Record<string, number> {
  return prefixed(
    `${split}/${network}`,
    Object.fromEntries(
      Object.entries(results).map((
        [attack, { correct, count }],
      ) => [attack, correct / count]),
    ),
  );
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]),
  );
}
