// A program for run_log_test.ts: adds forty lines of 100,000 bytes to a log in the
// folder that it is given, and prints how far it came and what the error said.

import { RunLog } from "../../src/runs/run_log.ts";

const [folder = ""] = Deno.args;
let lines = 0;
let message = "no error";
try {
  using log = await RunLog.open(`${folder}/log.jsonl`, { step: 0 });
  for (; lines < 40; lines++) {
    const changes = ["x".repeat(100_000)];
    log.append({ kind: "resume", epoch: 1, step: lines, changes, time: "now" });
  }
} catch (error) {
  message = (error as Error).message;
}
const text = await Deno.readTextFile(`${folder}/log.jsonl`).catch(() => "");
const whole = text.split("\n").length - 1;
const ended = text === "" || text.endsWith("\n");
const report = JSON.stringify({ message, lines, whole, ended });
await Deno.stdout.write(new TextEncoder().encode(report));
