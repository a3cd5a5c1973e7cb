// A program as text: its dispatches in order, and their cost. Used by `explain`
// and by golden tests; a refactor that leaves the text unchanged runs the same.

import type { Dispatch, Program } from "../gpu/program.ts";
import { costOf, trafficOf } from "./cost.ts";

/** The program's blocks, dispatches and totals, one line each. */
export function printProgram(program: Program): string {
  const lines = [`program ${program.name}`];
  for (const { repeat, dispatches, exchanges = [] } of program.blocks) {
    lines.push(repeat > 1 ? `  ${repeat} times:` : "  once:");
    for (const [line, count] of grouped(dispatches.map(printDispatch))) {
      lines.push(`    ${line}${count > 1 ? `  (${count} in a row)` : ""}`);
    }
    for (const { kind, from } of exchanges) {
      const { label } = program.buffers[from.buffer]!;
      lines.push(`  ranks exchange ${label}: ${kind}, ${mebibytes(from.size)}`);
    }
  }
  const cost = costOf(program);
  lines.push(
    `  dispatches ${cost.dispatches}`,
    `  arithmetic ${(cost.flops / 1e9).toFixed(3)} GFLOP`,
    `  traffic    ${mebibytes(cost.bytes)}`,
    `  scratch    ${mebibytes(cost.scratchBytes)}`,
    `  variables  ${mebibytes(cost.variableBytes)}`,
  );
  return lines.join("\n");
}

function printDispatch(dispatch: Dispatch): string {
  const { label, kernel, flops } = dispatch;
  const work = flops ? `${(flops / 1e6).toFixed(1)} MFLOP, ` : "";
  return `${label.padEnd(44)} ${kernel.name.padEnd(28)} ${work}${
    mebibytes(trafficOf(dispatch))
  }`;
}

/** Bytes as MiB with three decimals. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(3)} MiB`;
}

/** Runs of equal lines with their lengths. */
function grouped(lines: readonly string[]): [string, number][] {
  const runs: [string, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.[0] === line) last[1]++;
    else runs.push([line, 1]);
  }
  return runs;
}
