// A comparison with the original AutoAttack as data, and as the tables of README.md.

import type { Broken, Budget, Member, Verdicts } from "./jobs.ts";
import { columnsTest, meanTest, smirnovTest } from "./two_samples.ts";

/** Everything that a comparison found. */
export interface Report {
  /** The day, such as 2026-03-01. */
  readonly date: string;
  /** Our adapter; the original runs on the processor. */
  readonly device: string;
  /** The version of PyTorch. */
  readonly torch: string;
  /** The original's commit. */
  readonly revision: string;
  readonly balls: readonly BallReport[];
}

/** What was found in one ball. */
export interface BallReport {
  readonly norm: string;
  /** The radius as it was asked for, such as 8/255. */
  readonly epsilon: string;
  readonly ours: Verdicts;
  readonly theirs: Verdicts;
  readonly differences: readonly Difference[];
  readonly members: readonly MemberReport[];
}

/** An image that the two programs break by different attacks, or one only. */
export interface Difference {
  readonly image: number;
  readonly ours: string | null;
  readonly theirs: string | null;
  /** The first attack that broke it, which ran again. */
  readonly member: string;
  /** With how many seeds, and how many of them broke it. */
  readonly seeds: number;
  readonly brokenByUs: number;
  readonly brokenByThem: number;
}

/** An attack alone. */
export interface MemberReport {
  readonly member: Member;
  readonly budget: Budget;
  /** The images that it ran on. */
  readonly images: readonly number[];
  readonly ours: Broken;
  readonly theirs: Broken;
}

const STAGES = ["clean", "apgd-ce", "apgd-t", "fab-t", "square"];

/** The report as JSON; of an attack alone, the images that each seed broke. */
export function jsonText(report: Report): string {
  const balls = report.balls.map(({ members, ...ball }) => ({
    ...ball,
    members: members.map((member) => ({
      ...member,
      ours: member.ours.map(count),
      theirs: member.theirs.map(count),
    })),
  }));
  const text = JSON.stringify({ ...report, balls }, null, 2);
  return `${text.replace(/\[[^[\]{}]*\]/g, oneLine)}\n`;
}

function oneLine(list: string): string {
  return list.replace(/\s+/g, " ");
}

/** The tables of README.md. */
export function tables(
  { date, device, torch, revision, balls }: Report,
): string {
  const made = `Made on ${date} by \`deno task compare:autoattack\`: ours on ` +
    `${device}, the original at ${revision} in PyTorch ${torch}.`;
  const parts = [made, ...balls.flatMap(ballTables)];
  return parts.map((part) => part.startsWith("|") ? part : wrapped(part))
    .join("\n\n");
}

function ballTables(ball: BallReport): string[] {
  const title = `### ${ball.norm === "l2" ? "L2" : "Linf"} ${ball.epsilon}`;
  return [title, ...verdictTables(ball), ...memberTable(ball)];
}

function verdictTables({ ours, theirs, differences }: BallReport): string[] {
  if (ours.length === 0) return [];
  const left = STAGES.map((_, i) => {
    const until = STAGES.slice(0, i + 1);
    const robust = (verdicts: Verdicts) =>
      verdicts.filter((by) => !until.includes(String(by))).length;
    return `${robust(ours)} / ${robust(theirs)}`;
  });
  const same = (agree: (a: string | null, b: string | null) => boolean) =>
    ours.filter((by, i) => agree(by, theirs[i]!)).length;
  const verdict = same((a, b) =>
    (a === null) === (b === null) && (a === "clean") === (b === "clean")
  );
  const found = [
    `Images left of ${ours.length} after each attack, ours / original:`,
    markdown(STAGES, [left]),
    `The same verdict on ${verdict} images, and the same breaking attack on ` +
    `${same((a, b) => a === b)}.`,
  ];
  return differences.length > 0
    ? [...found, ...differenceTable(differences)]
    : found;
}

function differenceTable(differences: readonly Difference[]): string[] {
  const head = ["image", "ours", "original", "again", "ours", "original"];
  const rows = differences.map((found) => [
    String(found.image),
    found.ours ?? "-",
    found.theirs ?? "-",
    found.member,
    `${found.brokenByUs} of ${found.seeds}`,
    `${found.brokenByThem} of ${found.seeds}`,
  ]);
  return [
    "Where they differ: what broke the image, and how many seeds of the first of " +
    "these attacks do when it runs again alone:",
    markdown(head, rows),
  ];
}

function memberTable({ members }: BallReport): string[] {
  if (members.length === 0) return [];
  const head = [
    "attack",
    "images",
    "seeds",
    "ours",
    "original",
    "p of the mean",
    "p of the distribution",
    "p by image",
  ];
  const { steps, targets, queries } = members[0]!.budget;
  return [
    `Each attack alone on images near the border, with ${steps} ` +
    `steps, ${targets} targets and ${queries} queries; mean ± standard deviation ` +
    "of the images broken, over seeds:",
    markdown(head, members.map(memberRow)),
  ];
}

function memberRow(
  { member, images, ours, theirs }: MemberReport,
): string[] {
  const [a, b] = [ours.map(count), theirs.map(count)];
  const sizes = [String(images.length), String(ours.length)];
  const row = [member, ...sizes, spread(a), spread(b)];
  if (ours.length === 1) {
    const same = ours[0]!.filter((is, i) => is === theirs[0]![i]).length;
    return [...row, "-", "-", `the same on ${same}`];
  }
  const p = [meanTest(a, b), smirnovTest(a, b).p, columnsTest(ours, theirs)];
  return [...row, ...p.map((value) => value.toFixed(value < 0.01 ? 4 : 2))];
}

function count(row: readonly boolean[]): number {
  return row.filter((is) => is).length;
}

/** Mean and standard deviation. */
function spread(values: readonly number[]): string {
  const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const mean = total(values) / values.length;
  if (values.length === 1) return String(mean);
  const squares = total(values.map((value) => (value - mean) ** 2));
  const deviation = Math.sqrt(squares / (values.length - 1));
  return `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;
}

/** A paragraph as `deno fmt` leaves it. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= 80) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** A table as `deno fmt` leaves it. */
function markdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, i) =>
    Math.max(3, title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
