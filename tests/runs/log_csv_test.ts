import { assertEquals } from "@std/assert";
import { logCsv } from "../../src/runs/log_csv.ts";
import type { LogLine, LogMeans } from "../../src/runs/log_line.ts";

/** A line about steps of epochs of four steps of ten images. */
function means(step: number, natural: number): LogMeans & LogLine {
  const inEpoch = (step - 1) % 4 + 1;
  return {
    kind: inEpoch === 4 ? "epoch" : "steps",
    epoch: Math.ceil(step / 4),
    step,
    time: `2024-01-01T00:00:0${step}Z`,
    means: { natural },
    images: 10 * inEpoch,
    learningRate: 0.5,
    seconds: 1,
    imagesPerSecond: 40,
  };
}

function evaluation(split: string, epoch: number, correct: number): LogLine {
  const results = { clean: { correct, count: 4 } };
  const what = { kind: "evaluation", network: "student", split } as const;
  return { ...what, epoch, step: 8, results, seconds: 1 };
}

Deno.test("logCsv() has a row for each step, with the means since the row before", () => {
  const lines: LogLine[] = [
    { kind: "start", epoch: 0, step: 0, experiment: "x", seed: 1 },
    means(2, 6),
    means(4, 4),
    { ...evaluation("validation", 1, 1), step: 4 },
    means(6, NaN),
    means(8, 1),
    evaluation("validation", 2, 3),
    evaluation("test", 2, 2),
    // The best epoch was the first.
    evaluation("test", 1, 4),
  ];
  assertEquals(logCsv(lines).split("\n"), [
    "epoch,step,time,epoch/natural,test/student/clean,train/imagesPerSecond," +
    "train/learningRate,train/natural,validation/student/clean",
    "1,2,2024-01-01T00:00:02Z,,,40,0.5,6,",
    "1,4,2024-01-01T00:00:04Z,4,1,40,0.5,2,0.25",
    "2,6,2024-01-01T00:00:06Z,,,40,0.5,NaN,",
    "2,8,2024-01-01T00:00:08Z,1,0.5,40,0.5,NaN,0.75",
    "",
  ]);
});

Deno.test("logCsv() quotes names, and leaves out what old logs do not say", () => {
  const { time: _, images: __, ...old } = means(4, 4);
  const line = { ...old, means: { 'a,"b"': 1 } } as LogLine;
  assertEquals(logCsv([line]).split("\n"), [
    'epoch,step,time,"epoch/a,""b""",train/imagesPerSecond,train/learningRate',
    "1,4,,1,40,0.5",
    "",
  ]);
});
