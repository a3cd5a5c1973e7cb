// Event files, byte for byte those of TensorBoard's own package.

import { assertEquals, assertRejects } from "@std/assert";
import { crc32c } from "../../src/runs/crc32c.ts";
import { EventFile } from "../../src/runs/event_file.ts";
import type { LogLine } from "../../src/runs/log_line.ts";
import { RunLog } from "../../src/runs/run_log.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

/** 2024-01-01T00:00:00Z, in seconds. */
const START = 1704067200;

/** What `make_events.py` has TensorBoard write. */
const FIXTURE = new URL("../fixtures/events.tfevents", import.meta.url);

/** A time so many seconds later. */
function at(seconds: number): string {
  return new Date(1000 * (START + seconds)).toISOString();
}

const LINES: readonly LogLine[] = [
  { kind: "start", epoch: 0, step: 0, experiment: "x", seed: 1, time: at(0) },
  {
    kind: "steps",
    epoch: 1,
    step: 5,
    time: at(1.5),
    means: { natural: 2.25 },
    images: 100,
    learningRate: 0.125,
    seconds: 1,
    imagesPerSecond: 300,
  },
  {
    kind: "epoch",
    epoch: 1,
    step: 200,
    time: at(2.5),
    means: { natural: 2 },
    images: 200,
    learningRate: 0.0625,
    seconds: 1,
    imagesPerSecond: 320,
  },
  {
    kind: "evaluation",
    epoch: 1,
    step: 200,
    time: at(3.5),
    network: "student",
    split: "validation",
    results: { clean: { correct: 5, count: 10 } },
    seconds: 1,
  },
];

Deno.test("EventFile writes the bytes that TensorBoard's own package writes", () =>
  withFolder(async (folder) => {
    {
      const options = { lines: [], step: 0, now: START };
      using file = await EventFile.create(folder, options);
      for (const line of LINES) file.add(line);
    }
    const [name] = await namesIn(folder);
    assertEquals(name, "events.out.tfevents.1704067200.000.frpat");
    const found = await Deno.readFile(`${folder}/${name}`);
    assertEquals(found, await Deno.readFile(FIXTURE));
  }));

Deno.test("EventFile begins with the lines before, the first time alone", () =>
  withFolder(async (folder) => {
    const [start, steps, epoch, evaluation] = LINES;
    const lines = [start!, steps!];
    {
      const options = { lines, step: 5, now: START };
      using file = await EventFile.create(folder, options);
      for (const line of [epoch!, evaluation!]) file.add(line);
    }
    const [name] = await namesIn(folder);
    const whole = await Deno.readFile(FIXTURE);
    assertEquals(await Deno.readFile(`${folder}/${name}`), whole);
    {
      // Its means are those since the step that it goes on from.
      const options = { lines, step: 5, now: START + 9 };
      using file = await EventFile.create(folder, options);
      for (const line of [epoch!, evaluation!]) file.add(line);
    }
    const other = await Deno.readFile(
      `${folder}/${(await namesIn(folder))[1]}`,
    );
    // A version, the start after step 5, and two records.
    const records = other.subarray(40 + 31);
    assertEquals(records, whole.subarray(-records.length));
  }));

Deno.test("RunLog.open() begins event files where it is told to", () =>
  withFolder(async (folder) => {
    const tensorboard = `${folder}/tensorboard`;
    for (const step of [0, 5]) {
      using log = await RunLog.open(`${folder}/log`, { step, tensorboard });
      log.append(LINES[1]!);
    }
    assertEquals((await namesIn(tensorboard)).length, 2);
    const file = `${folder}/file`;
    await Deno.writeTextFile(file, "");
    await assertRejects(
      () => RunLog.open(`${folder}/log`, { step: 0, tensorboard: file }),
      Error,
      `Cannot write ${file}`,
    );
  }));

Deno.test("crc32c() gives the checksums of RFC 3720", () => {
  const sums = [
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
    Uint8Array.from({ length: 32 }, (_, i) => i),
    Uint8Array.from({ length: 32 }, (_, i) => 31 - i),
  ].map(crc32c);
  assertEquals(sums, [0x8a9136aa, 0x62a8ab43, 0x46dd794e, 0x113fdb5c]);
});
