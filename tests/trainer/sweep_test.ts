// The order and the outcome of a sweep, with runs that take no time: they write what a
// run leaves behind.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type ResultCard, resultCard } from "../../src/runs/result_card.ts";
import { RunFolder } from "../../src/runs/run_folder.ts";
import {
  type RunEnd,
  sweep,
  type SweepOptions,
  type SweepRun,
} from "../../src/trainer/sweep.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { MEASURED } from "../support/example_card.ts";
import { EXAMPLE, EXAMPLE_ENVIRONMENT } from "../support/example_experiment.ts";

/** Runs of two recipes with two seeds. */
function runsIn(folder: string): SweepRun[] {
  return ["a/first", "a/second"].flatMap((name) =>
    [1, 2].map((seed) => ({
      experiment: { ...EXAMPLE, name, seed },
      path: `${folder}/${name.slice(2)}-${seed}`,
    }))
  );
}

/** Does what training does to a folder, up to the card if it is to finish. */
async function leave(
  { experiment, path }: SweepRun,
  { resume, finish }: { readonly resume: boolean; readonly finish: boolean },
): Promise<void> {
  using folder = resume
    ? await RunFolder.resume(path)
    : await RunFolder.create(path, {
      experiment,
      environment: EXAMPLE_ENVIRONMENT,
    });
  if (finish) await folder.writeCard(cardOf(experiment));
}

function cardOf(experiment: SweepRun["experiment"]): ResultCard {
  return resultCard(experiment, MEASURED);
}

/** A trainer that ends runs as it is told, and remembers what it was asked for. */
function trainer(ends: Readonly<Record<string, RunEnd>> = {}): {
  readonly train: SweepOptions["train"];
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    async train(run, { resume }) {
      const { name, seed } = run.experiment;
      const key = `${name.slice(2)}-${seed}`;
      asked.push(resume ? `${key} resumed` : key);
      const end = ends[key] ?? { kind: "done" };
      await leave(run, { resume, finish: end.kind === "done" });
      return end;
    },
  };
}

const DONE = { kind: "done" } as const;

Deno.test("sweep() runs every seed of every recipe, and nothing twice", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    const first = trainer();
    const { rows, interrupted } = await sweep(runs, first);
    assertEquals(first.asked, ["first-1", "first-2", "second-1", "second-2"]);
    assertEquals(interrupted, false);
    assertEquals(
      rows.map(({ name, cards, runs }) => [name, cards.length, runs]),
      [
        ["a/first", 2, 2],
        ["a/second", 2, 2],
      ],
    );
    assertEquals(rows[1]!.cards.map(({ seed }) => seed), [1, 2]);
    const again = trainer();
    const places: string[] = [];
    const second = await sweep(runs, {
      ...again,
      onRun: (_run, { number, of, state }) =>
        places.push(`${number} of ${of} ${state}`),
    });
    assertEquals(again.asked, []);
    assertEquals(second.rows, rows);
    assertEquals(places, [1, 2, 3, 4].map((i) => `${i} of 4 finished`));
  }));

Deno.test("sweep() goes on after a run that fails, and tries it again the next time", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    const failing = trainer({
      "first-2": { kind: "failed", error: "GPU lost" },
    });
    const { rows, interrupted } = await sweep(runs, failing);
    assertEquals(interrupted, false);
    assertEquals(rows.map(({ errors }) => errors), [["seed 2: GPU lost"], []]);
    assertEquals(rows.map(({ cards }) => cards.length), [1, 2]);
    const mended = trainer();
    const { rows: whole } = await sweep(runs, mended);
    assertEquals(mended.asked, ["first-2 resumed"]);
    assertEquals(whole.map(({ errors }) => errors), [[], []]);
  }));

Deno.test("sweep() notes a trainer that throws, and goes on", () =>
  withFolder(async (folder) => {
    const { rows } = await sweep(runsIn(folder), {
      train: () => Promise.reject(new Error("no such program")),
    });
    assertEquals(rows[1]!.errors, [
      "seed 1: no such program",
      "seed 2: no such program",
    ]);
  }));

Deno.test("sweep() stops where a run was interrupted, and goes on from there", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    const stopped = trainer({ "first-2": { kind: "interrupted" } });
    const { rows, interrupted } = await sweep(runs, stopped);
    assertEquals([stopped.asked, interrupted], [["first-1", "first-2"], true]);
    assertEquals(rows.map(({ cards }) => cards.length), [1, 0]);
    assertEquals(rows.flatMap(({ errors }) => errors), []);
    const resumed = trainer();
    await sweep(runs, resumed);
    assertEquals(resumed.asked, ["first-2 resumed", "second-1", "second-2"]);
  }));

Deno.test("sweep() starts nothing after its signal, but tells what is finished", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    await leave(runs[3]!, { resume: false, finish: true });
    const controller = new AbortController();
    const asked: string[] = [];
    const { rows, interrupted } = await sweep(runs, {
      async train(run) {
        asked.push(run.path);
        controller.abort();
        await leave(run, { resume: false, finish: true });
        return DONE;
      },
      signal: controller.signal,
    });
    assertEquals([asked.length, interrupted], [1, true]);
    assertEquals(rows.map(({ cards }) => cards.length), [1, 1]);
  }));

Deno.test("sweep() waits for a run that another process trains, and takes its result", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run`;
    const runs = [{ experiment: EXAMPLE, path }];
    const held = await RunFolder.create(path, {
      experiment: EXAMPLE,
      environment: EXAMPLE_ENVIRONMENT,
    });
    const holders: string[] = [];
    const { train, asked } = trainer();
    const { rows } = await sweep(runs, {
      train,
      onWait(holder) {
        holders.push(holder);
        held.writeCard(cardOf(EXAMPLE)).then(() => held.dispose());
      },
    });
    assertEquals(holders, [`process ${Deno.pid}`]);
    assertEquals([asked, rows[0]!.cards.length, rows[0]!.errors], [[], 1, []]);
  }));

Deno.test("sweep() waits no longer once it is interrupted", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run`;
    const run = { experiment: EXAMPLE, path };
    using _held = await RunFolder.create(path, {
      experiment: EXAMPLE,
      environment: EXAMPLE_ENVIRONMENT,
    });
    const { train, asked } = trainer();
    const stop = new AbortController();
    const { interrupted } = await sweep([run], {
      train,
      signal: stop.signal,
      onWait: () => stop.abort(),
    });
    assertEquals([asked, interrupted], [[], true]);
  }));

Deno.test("sweep() does not take another experiment's folder for a finished run", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    const other = { ...runs[0]!.experiment, epochs: 3, title: "other" };
    const path = runs[0]!.path;
    await leave({ experiment: other, path }, { resume: false, finish: true });
    const { asked, train } = trainer();
    const { rows } = await sweep(runs, { train });
    assertEquals(asked.length, 3);
    assertStringIncludes(
      rows[0]!.errors[0]!,
      `seed 1: Cannot use ${path}: expected the run of a/first with these ` +
        "settings but found one of other",
    );
    assertEquals(rows[0]!.cards.length, 1);
  }));

/** Starts a process that holds a run, as training does. Kill it to abandon the run. */
async function hold(path: string): Promise<Deno.ChildProcess> {
  const program = new URL("../support/hold_run_folder.ts", import.meta.url);
  const child = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-check", "-RW", program.href, path],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return child;
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.output();
}

Deno.test("sweep() passes over a run that another process holds, and takes it up abandoned", () =>
  withFolder(async (folder) => {
    const path = `${folder}/held`;
    const runs = [{ experiment: EXAMPLE, path }, ...runsIn(folder).slice(0, 2)];
    const child = await hold(path);
    const places: string[] = [];
    const { rows } = await sweep(runs, {
      async train(run, { number, resume }) {
        places.push(`${number} trained`);
        await leave(run, { resume, finish: true });
        return DONE;
      },
      onRun: (_run, { number, state }) => places.push(`${number} ${state}`),
      onWait(holder) {
        places.push(holder.replace(`${child.pid}`, "PID"));
        end(child);
      },
    });
    assertEquals(places, [
      ...["1 held", "2 new", "2 trained", "3 new", "3 trained"],
      ...["process PID", "1 begun", "1 trained"],
    ]);
    assertEquals(rows.map(({ cards }) => cards.length), [1, 2]);
    assertEquals(rows.flatMap(({ errors }) => errors), []);
  }));

Deno.test("sweep() waits for a run that another process began meanwhile", () =>
  withFolder(async (folder) => {
    const run = runsIn(folder)[0]!;
    let other: RunFolder | null = null;
    const asked: boolean[] = [];
    const { rows } = await sweep([run], {
      async train({ path, experiment }, { resume }) {
        asked.push(resume);
        if (resume) {
          await leave(run, { resume, finish: true });
          return DONE;
        }
        const environment = EXAMPLE_ENVIRONMENT;
        other = await RunFolder.create(path, { experiment, environment });
        return { kind: "failed", error: "found one" };
      },
      onWait: () => other?.dispose(),
    });
    assertEquals(asked, [false, true]);
    assertEquals([rows[0]!.cards.length, rows[0]!.errors], [1, []]);
  }));

Deno.test("sweep() carries out several runs at a time", () =>
  withFolder(async (folder) => {
    const runs = runsIn(folder);
    let [active, most] = [0, 0];
    const { rows } = await sweep(runs, {
      jobs: 3,
      async train(run, { resume, number }) {
        most = Math.max(most, ++active);
        await new Promise((done) => setTimeout(done, 10 * number));
        await leave(run, { resume, finish: true });
        active--;
        return DONE;
      },
    });
    assertEquals(most, 3);
    assertEquals(rows.map(({ cards }) => cards.map(({ seed }) => seed)), [
      [1, 2],
      [1, 2],
    ]);
  }));

Deno.test("sweep() tries nothing that would fail as another run did", () =>
  withFolder(async (folder) => {
    const [first, ...others] = runsIn(folder);
    const data = { ...EXAMPLE.data, dataset: "cifar10" } as const;
    const runs = [
      { ...first!, experiment: { ...first!.experiment, data } },
      { ...others[0]!, experiment: { ...others[0]!.experiment, data } },
      ...others.slice(1),
    ];
    const failing = (scope: "data set" | "every run") => {
      let tries = 0;
      return {
        count: () => tries,
        train: (): Promise<RunEnd> => {
          tries++;
          return Promise.resolve({ kind: "failed", error: "none", scope });
        },
      };
    };
    const noData = failing("data set");
    const { untried, rows } = await sweep(runs, noData);
    assertEquals([noData.count(), untried], [2, 2]);
    assertEquals(rows.map(({ errors }) => errors), [
      ["seed 1: none"],
      ["seed 1: none"],
    ]);
    const noDevice = failing("every run");
    assertEquals((await sweep(runs, noDevice)).untried, 3);
    assertEquals(noDevice.count(), 1);
  }));
