// Sets this project's AutoAttack beside the original, on the network of a run:
//
//   deno task compare:autoattack AUTO_ATTACK RUN --data DATA [--limit 500]
//     [--balls linf:8/255,l2:0.5] [--work DIR] [--seeds 20] [--first 1] [--images 64]
//     [--pool 500] [--steps 10] [--targets 3] [--queries 200]
//     [--only verdicts|members]
//
// AUTO_ATTACK is a clone of fra31/auto-attack, RUN the folder of a run of a ResNet-8 on
// CIFAR-10. Both attack the first `--limit` test images with the standard version, one
// number for all balls or one for each; an image on which they differ is attacked again
// with other seeds. Then each attack runs alone with `--seeds` seeds from `--first` on,
// on at most `--images` of the first `--pool` test images that are near the border of
// what attacks break, with the small budget that `--steps`, `--targets` and `--queries`
// give, where chance decides more.
//
// What is finished is kept in `--work` and is not computed again. `--only` prints one of
// the two parts, so that several processes can share the work.
//
// The result goes to autoattack.json, and its tables into README.md.

import { parseArgs } from "node:util";
import { join } from "@std/path";
import { fractionValue } from "../../src/base/fraction.ts";
import {
  type Attacker,
  type Ball,
  type Budget,
  keeping,
  type Member,
  type SeedsJob,
  STANDARD,
  type Verdicts,
} from "./jobs.ts";
import { Original } from "./original.ts";
import { Ours } from "./ours.ts";
import {
  type BallReport,
  type Difference,
  jsonText,
  type MemberReport,
  type Report,
  tables,
} from "./report.ts";

const { values: options, positionals: [autoAttack, run] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    data: { type: "string" },
    limit: { type: "string", default: "500" },
    pool: { type: "string", default: "500" },
    balls: { type: "string", default: "linf:8/255,l2:0.5" },
    work: { type: "string" },
    seeds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    images: { type: "string", default: "64" },
    steps: { type: "string", default: "10" },
    targets: { type: "string", default: "3" },
    queries: { type: "string", default: "200" },
    only: { type: "string" },
  },
});
const { data } = options;
if (!autoAttack || !run || !data) {
  throw new Error("Expected AUTO_ATTACK RUN --data DATA");
}
const work = options.work ?? join(run, "autoattack-comparison");
await Deno.mkdir(work, { recursive: true });
using us = await Ours.open({ run, data });
const them = new Original({ autoAttack, run, data });
const attackers = [keeping(us, work), keeping(them, work)] as const;

const SMALL: Budget = {
  steps: Number(options.steps),
  targets: Number(options.targets),
  queries: Number(options.queries),
};
const SEEDS = Array.from(
  { length: Number(options.seeds) },
  (_, i) => Number(options.first) + i,
);

const reports: BallReport[] = [];
const MEMBERS: readonly Member[] = [
  "apgd-ce",
  "apgd-t",
  "fab-t",
  "fab-t random",
  "square",
];
const limits = options.limit.split(",").map(Number);
for (const [i, ball] of options.balls.split(",").entries()) {
  reports.push(await compare(ball, limits[i] ?? limits.at(-1)!));
}
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  device: us.device,
  ...await them.about(),
  balls: reports,
};
const text = tables(report);
await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
if (!options.only) await keep();

/** Writes the result beside this file. */
async function keep(): Promise<void> {
  const here = (name: string) => new URL(name, import.meta.url);
  await Deno.writeTextFile(here("autoattack.json"), jsonText(report));
  const readme = await Deno.readTextFile(here("README.md"));
  const filled = readme.replace(
    /(<!-- compare:autoattack -->\n)[^]*(<!-- end -->)/,
    (_, start, end) => `${start}\n${text}\n\n${end}`,
  );
  await Deno.writeTextFile(here("README.md"), filled);
}

/** Everything about one ball, such as linf:8/255. */
async function compare(text: string, limit: number): Promise<BallReport> {
  const [norm, epsilon] = text.split(":") as ["linf" | "l2", string];
  const ball = { norm, epsilon: fractionValue(epsilon) };
  const members = options.only === "verdicts" ? [] : await race(ball);
  const ours: (string | null)[] = [], theirs: typeof ours = [];
  for (const batch of options.only === "members" ? [] : batches(limit)) {
    const job = { kind: "verdicts", ...ball, images: batch, seed: 0 } as const;
    const [we, they] = await both((attacker) => attacker.verdicts(job));
    ours.push(...we);
    theirs.push(...they);
  }
  const differences = await explain(ball, [ours, theirs]);
  return { norm, epsilon, ours, theirs, differences, members };
}

/** The images, so many at once that little is lost if the comparison is stopped. */
function batches(limit: number): number[][] {
  const size = 250;
  return Array.from({ length: Math.ceil(limit / size) }, (_, batch) => {
    const first = batch * size;
    const count = Math.min(size, limit - first);
    return Array.from({ length: count }, (_, i) => first + i);
  });
}

/** What both say, which they find at the same time. */
async function both<R>(
  ask: (attacker: Attacker) => Promise<R>,
): Promise<[ours: R, theirs: R]> {
  const [ours, theirs] = attackers;
  return await Promise.all([ask(ours), ask(theirs)]);
}

/** Each image on which the two differ, under the first attack that broke it, again. */
async function explain(
  ball: Ball,
  [ours, theirs]: readonly [Verdicts, Verdicts],
): Promise<Difference[]> {
  const order = ["apgd-ce", "apgd-t", "fab-t", "square"] as const;
  const found: Difference[] = [];
  for (const member of order) {
    const images = ours.flatMap((by, i) => {
      const first = order.find((name) => name === by || name === theirs[i]);
      return by !== theirs[i] && first === member ? [i] : [];
    });
    if (images.length === 0) continue;
    const job = {
      kind: "seeds",
      ...ball,
      member,
      budget: STANDARD,
      images,
    } as const;
    const seeds = SEEDS.slice(0, 10);
    const again = await both((attacker) => attacker.seeds({ ...job, seeds }));
    const [we, they] = again.map((rows) => countsByImage(rows));
    images.forEach((image, i) =>
      found.push({
        image,
        ours: ours[image]!,
        theirs: theirs[image]!,
        member,
        seeds: seeds.length,
        brokenByUs: we![i]!,
        brokenByThem: they![i]!,
      })
    );
  }
  return found;
}

/**
 * Images that the original breaks in a ball larger by a quarter, but not in one smaller
 * by a fifth, with a seed that is not compared.
 */
async function border(
  { norm, epsilon }: Ball,
  probe: Pick<SeedsJob, "member" | "budget">,
): Promise<number[]> {
  const images = Array.from({ length: Number(options.pool) }, (_, i) => i);
  const within = async (factor: number) => {
    const [broken] = await attackers[1].seeds({
      kind: "seeds",
      norm,
      epsilon: factor * epsilon,
      ...probe,
      images,
      seeds: [0],
    });
    return broken!;
  };
  const [near, far] = [await within(0.8), await within(1.25)];
  const found = images.filter((i) => far[i] && !near[i]);
  return found.slice(0, Number(options.images));
}

/** Every attack alone, with many seeds: Square on images near its own border. */
async function race(ball: Ball): Promise<MemberReport[]> {
  const steps = 20;
  const images = await border(ball, {
    member: "apgd-ce",
    budget: { ...STANDARD, steps },
  });
  const easier = await border(ball, { member: "square", budget: SMALL });
  const found: MemberReport[] = [];
  for (const member of MEMBERS) {
    // FAB-T has no random numbers.
    const seeds = member === "fab-t" ? SEEDS.slice(0, 1) : SEEDS;
    const job = {
      kind: "seeds",
      ...ball,
      member,
      budget: SMALL,
      images: member === "square" ? easier : images,
      seeds,
    } as const;
    if (job.images.length === 0) continue;
    const [ours, theirs] = await both((attacker) => attacker.seeds(job));
    found.push({ member, budget: SMALL, images: job.images, ours, theirs });
  }
  return found;
}

function countsByImage(rows: readonly (readonly boolean[])[]): number[] {
  return rows[0]!.map((_, i) => rows.filter((row) => row[i]).length);
}
