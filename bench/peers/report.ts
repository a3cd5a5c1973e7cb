// A race as a table for people and as data for later comparisons.

import {
  epochSeconds,
  PAPER_STEPS,
  reportedSeconds,
  type StepSize,
} from "../paper_workloads.ts";
import { figure, tableText } from "../table.ts";
import type { Result } from "./race.ts";

/** Everything that a race found. */
export interface Report {
  /** The day, such as 2026-03-01. */
  readonly date: string;
  readonly deno: string;
  readonly platform: string;
  readonly cores: number;
  /** The adapter that WebGPU gives. */
  readonly device: string;
  /** What the adapter does not tell, as the caller has it. */
  readonly driver: string;
  /** Whether the device computes in the processes themselves. */
  readonly software: boolean;
  readonly turns: number;
  /** How large the paper's steps were. */
  readonly size: StepSize;
  readonly workloads: readonly WorkloadReport[];
}

/** One workload of a race. */
export interface WorkloadReport {
  readonly name: string;
  readonly title: string;
  /** Load averages of the last minute, before and after. */
  readonly load: readonly [number, number];
  readonly results: Readonly<Record<string, Result>>;
}

/** The contender that the others are compared with. */
export const OURS = "ours";

/** How much longer than ours: above 1, ours was faster. */
export function ratioTable(
  report: Report,
  measure: "wall" | "processor" = "wall",
): string {
  const names = contendersOf(report);
  return tableText(
    [
      measure === "wall" ? "ms (times ours)" : "processor ms (times ours)",
      ...names,
    ],
    report.workloads.map(({ name, results }) => {
      const ours = timeOf(results[OURS], measure);
      return [
        name,
        ...names.map((other) => {
          const time = timeOf(results[other], measure);
          if (time === null) return "–";
          const ratio = ours === null || other === OURS
            ? ""
            : ` (${figure(time / ours)})`;
          return `${figure(time)}${ratio}`;
        }),
      ];
    }),
  );
}

/** Seconds to the first result, compilation included. */
export function firstTable(report: Report): string {
  const names = contendersOf(report);
  return tableText(
    ["first result, s", ...names],
    report.workloads.map(({ name, results }) => [
      name,
      ...names.map((other) => {
        const result = results[other];
        return result && "first" in result ? figure(result.first / 1000) : "–";
      }),
    ]),
  );
}

/** Seconds per epoch, and the paper's; null where no step of the paper was raced. */
export function epochTable(report: Report): string | null {
  const { size } = report;
  const workloads = report.workloads.filter(({ name }) =>
    PAPER_STEPS.some((step) => step.name === name)
  );
  if (!workloads.length) return null;
  const names = contendersOf({ ...report, workloads });
  return tableText(
    ["s per epoch of CIFAR-10", ...names, "the paper"],
    workloads.map(({ name, title, results }) => {
      const step = PAPER_STEPS.find((step) => step.name === name)!;
      return [
        title,
        ...names.map((other) => {
          const time = timeOf(results[other], "wall");
          return time === null ? "–" : figure(epochSeconds(time / 1000, size));
        }),
        String(reportedSeconds(step, size) ?? "–"),
      ];
    }),
  );
}

/** Why cells are empty, and answers that differ from ours. */
export function remarks(report: Report): string[] {
  return report.workloads.flatMap(({ name, results }) => {
    const ours = results[OURS];
    return Object.entries(results).flatMap(([other, result]) => {
      if ("cannot" in result) return [`${name}, ${other}: ${result.cannot}`];
      const { answer } = result;
      if (!ours || !("answer" in ours)) return [];
      return agree(answer, ours.answer)
        ? []
        : [`${name}, ${other}: found ${answer}, ours ${ours.answer}`];
    });
  });
}

/** Whether two contenders did the same work; those with other inputs have no answer. */
function agree(a: number | null, b: number | null): boolean {
  return a === null || b === null ||
    Math.abs(a - b) <= 1e-3 * Math.max(Math.abs(a), Math.abs(b));
}

function contendersOf({ workloads }: Report): string[] {
  return [...new Set(workloads.flatMap((w) => Object.keys(w.results)))];
}

function timeOf(
  result: Result | undefined,
  measure: "wall" | "processor",
): number | null {
  return result && "wall" in result ? result[measure] : null;
}
