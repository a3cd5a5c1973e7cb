import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import type { LogLine } from "../../src/runs/log_line.ts";
import {
  comparableLines,
  readLog,
  RunLog,
  secondsSoFar,
} from "../../src/runs/run_log.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";
import { DISKS, runOn } from "../support/small_disk.ts";

/** The lines that training leaves at the end of an epoch of ten steps. */
function epochLines(epoch: number, seconds: number): LogLine[] {
  const at = { epoch, step: 10 * epoch, time: "2024-01-01T00:00:30Z" };
  const rate = { seconds, imagesPerSecond: 640 / seconds };
  const means = { natural: 1 / epoch, robust: Math.PI / epoch };
  const results = { clean: { correct: epoch, count: 128 } };
  return [
    {
      kind: "steps",
      ...at,
      step: 10 * epoch - 5,
      means,
      learningRate: 0.1,
      ...rate,
    },
    { kind: "epoch", ...at, means, learningRate: 0.1, ...rate },
    {
      kind: "evaluation",
      ...at,
      network: "student",
      split: "validation",
      results,
      seconds,
    },
  ];
}

const START: LogLine = {
  kind: "start",
  epoch: 0,
  step: 0,
  experiment: "example",
  seed: 1,
  time: "2024-01-01T00:00:00Z",
};

const RESUME: LogLine = {
  kind: "resume",
  epoch: 1,
  step: 10,
  changes: [],
  time: "2024-01-02T00:00:00Z",
};

const END: LogLine = {
  kind: "end",
  epoch: 2,
  step: 20,
  seconds: 9,
  time: "later",
};

/** Opens a log that goes on after `step`, and adds lines. */
async function write(
  path: string,
  { step, lines }: {
    readonly step: number;
    readonly lines: readonly LogLine[];
  },
): Promise<void> {
  using log = await RunLog.open(path, { step });
  for (const line of lines) log.append(line);
}

Deno.test("readLog() gives back every line as it was, to the last bit", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const means = { tiny: 5e-324, third: 1 / 3, diverged: NaN, over: Infinity };
    const lines: LogLine[] = [START, ...epochLines(1, 2), {
      kind: "steps",
      epoch: 2,
      step: 15,
      learningRate: 0.1 + 0.2,
      means,
      seconds: 0.1,
      imagesPerSecond: 1e21,
      time: "2024-01-01T00:00:40Z",
    }];
    await write(path, { step: 0, lines });
    assertEquals(await readLog(path), lines);
    const text = await Deno.readTextFile(path);
    assertEquals(text.split("\n").length, lines.length + 1);
  }));

Deno.test("a log is JSON, with null and a flag for what JSON has no number for", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const line: LogLine = {
      kind: "epoch",
      epoch: 1,
      step: 5,
      means: { "adversarial correct": 0.5, loss: NaN, up: Infinity, b: 2 },
      images: 320,
      learningRate: 0.1,
      seconds: 1,
      imagesPerSecond: -Infinity,
    };
    const before = Date.now();
    await write(path, { step: 0, lines: [line] });
    const [text] = (await Deno.readTextFile(path)).split("\n");
    const { time, ...found } = JSON.parse(text!);
    assert(Date.parse(time) >= before);
    assertEquals(found, {
      ...line,
      means: { adversarialAccuracy: 0.5, loss: null, up: null, b: 2 },
      imagesPerSecond: null,
      nonFinite: {
        means: { loss: "NaN", up: "Infinity" },
        imagesPerSecond: "-Infinity",
      },
    });
    const means = { adversarialAccuracy: 0.5, loss: NaN, up: Infinity, b: 2 };
    assertEquals(await readLog(path), [{ ...line, time, means }]);
  }));

Deno.test("readLog() reads logs as they were written before", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    await Deno.writeTextFile(
      path,
      '{"kind":"epoch","epoch":1,"step":5,"means":{"natural":"NaN",' +
        '"clean correct":0.25},"learningRate":0.1,"seconds":1,' +
        '"imagesPerSecond":320}\n',
    );
    assertEquals(await readLog(path), [{
      kind: "epoch",
      epoch: 1,
      step: 5,
      means: { natural: NaN, cleanAccuracy: 0.25 },
      learningRate: 0.1,
      seconds: 1,
      imagesPerSecond: 320,
    }]);
  }));

Deno.test("append() has written a line when it returns", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    using log = await RunLog.open(path, { step: 0 });
    for (let lines = 1; lines <= 3; lines++) {
      log.append({ ...START });
      assertEquals((await readLog(path)).length, lines);
    }
  }));

Deno.test("the log of a resumed run equals that of one never stopped, but for times", () =>
  withFolder(async (folder) => {
    const whole = join(folder, "whole.jsonl");
    await write(whole, {
      step: 0,
      lines: [START, ...epochLines(1, 3), ...epochLines(2, 3), END],
    });
    const stopped = join(folder, "stopped.jsonl");
    // The checkpoint is that of step 10; the run went on and was killed.
    const [begun, complete] = epochLines(2, 5);
    await write(stopped, {
      step: 0,
      lines: [START, ...epochLines(1, 4), begun!, complete!],
    });
    await Deno.writeTextFile(stopped, '{"kind":"eval', { append: true });
    await write(stopped, {
      step: 10,
      lines: [RESUME, ...epochLines(2, 6), END],
    });

    const [expected, found] = [await readLog(whole), await readLog(stopped)];
    assertEquals(comparableLines(found), comparableLines(expected));
    assertEquals(found.filter(({ kind }) => kind === "resume"), [RESUME]);
    assertEquals(comparableLines([epochLines(1, 3)[0]!]), [{
      kind: "steps",
      epoch: 1,
      step: 5,
      means: { natural: 1, robust: Math.PI },
      learningRate: 0.1,
    }]);
    assertEquals(await namesIn(folder), ["stopped.jsonl", "whole.jsonl"]);
  }));

Deno.test("RunLog.open() keeps the lines up to the step byte by byte", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const rest = '"means":{}, "learningRate":0.1,"seconds":1, ' +
      '"imagesPerSecond":"NaN"';
    const kept =
      `{ "kind":"epoch", "epoch":1,  "step":10, "note":"é", ${rest} }\n`;
    const later = `{"kind":"steps","epoch":2,"step":11,${rest}}\n`;
    await Deno.writeTextFile(path, kept + later);
    (await RunLog.open(path, { step: 10 })).dispose();
    assertEquals(await Deno.readTextFile(path), kept);
  }));

Deno.test("RunLog.open() takes back the end of a run that goes on", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    await write(path, { step: 0, lines: [START, END] });
    await write(path, { step: 20, lines: [] });
    assertEquals(await readLog(path), [START]);
  }));

Deno.test("a log that was cut off at any byte reads as its whole lines", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const lines = [START, ...epochLines(1, 2)];
    await write(path, { step: 0, lines });
    const bytes = await Deno.readFile(path);
    for (let length = 0; length <= bytes.length; length++) {
      const left = bytes.subarray(0, length);
      await Deno.writeFile(path, left);
      const whole = left.filter((byte) => byte === 10).length;
      assertEquals(await readLog(path), lines.slice(0, whole));
    }
    await Deno.writeFile(path, bytes.subarray(0, bytes.length - 1));
    await write(path, { step: 10, lines: [RESUME] });
    assertEquals(await readLog(path), [...lines.slice(0, -1), RESUME]);
  }));

Deno.test("readLog() names the line that is none, and where no log is", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const spoiled = [
      "nonsense",
      "[]",
      '{"kind":"party","epoch":1,"step":1}',
      '{"kind":"end"}',
      '{"kind":"end","epoch":1,"step":1,"seconds":"1","time":""}',
    ];
    for (const line of spoiled) {
      await Deno.writeTextFile(path, `${JSON.stringify(START)}\n${line}\n`);
      const message = `Cannot read line 2 of ${path}: expected `;
      await assertRejects(() => readLog(path), UserError, message);
      await assertRejects(
        () => RunLog.open(path, { step: 0 }),
        UserError,
        message,
      );
    }
    await assertRejects(() => readLog(join(folder, "none")), Error, "none");
  }));

for (const disk of DISKS) {
  Deno.test({
    name: `append() leaves whole lines alone on ${disk.name}${disk.absence}`,
    ignore: disk.absence !== "",
    fn: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(join(folder, "file"), "");
        const found = await runOn(disk, { folder, program: "append_many.ts" });
        const { message, lines, whole, ended } = JSON.parse(found);
        assertStringIncludes(
          message,
          `Cannot write ${folder}/log.jsonl: expected`,
        );
        assertStringIncludes(message, disk.complaint);
        assertEquals({ whole, ended }, { whole: lines, ended: true });
        assert(lines < 40, `expected an error but found ${lines} lines`);
      }),
  });
}

Deno.test("secondsSoFar() is the time of the last checkpoint, cut with its line", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log.jsonl");
    const saved = (step: number, seconds: number): LogLine => ({
      kind: "saved",
      epoch: step / 10,
      step,
      seconds,
    });
    const lines = [
      START,
      ...epochLines(1, 3),
      saved(10, 3.5),
      ...epochLines(2, 4),
      saved(20, 7.5),
    ];
    await write(path, { step: 0, lines });
    assertEquals(secondsSoFar(await readLog(path)), 7.5);
    assertEquals(
      comparableLines(await readLog(path)),
      comparableLines(lines.filter(({ kind }) => kind !== "saved")),
    );
    await write(path, { step: 10, lines: [RESUME] });
    assertEquals(secondsSoFar(await readLog(path)), 3.5);
    assertEquals(secondsSoFar([START]), 0);
  }));
