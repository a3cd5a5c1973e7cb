// The program as somebody runs it: a process with the permissions of its task.

import { fromFileUrl, join } from "@std/path";

/** The project's folder. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What a process printed, and how it ended. */
export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** The program, started by the command of its task. */
export async function start(
  args: readonly string[],
): Promise<Deno.ChildProcess> {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const command: string = tasks[args[0]!]?.command ?? "deno run cli.ts";
  const [program, ...rest] = command.split(" ");
  return new Deno.Command(program!, {
    args: [...rest, ...args.slice(rest.at(-1) === args[0] ? 1 : 0)],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the program to its end. */
export async function run(...args: readonly string[]): Promise<Ended> {
  const child = await start(args);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Runs the program and sends it a signal when it has printed a text. */
export async function runUntil(
  text: string,
  args: readonly string[],
  signal: Deno.Signal = "SIGINT",
): Promise<Ended> {
  const child = await start(args);
  const err = new Response(child.stderr).text();
  let out = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = out.includes(text);
    out += part;
    if (!before && out.includes(text)) child.kill(signal);
  }
  return { code: (await child.status).code, out, err: await err };
}

/** Runs the program and closes its output when it has printed a text. */
export async function runUntilClosed(
  text: string,
  args: readonly string[],
): Promise<Ended> {
  const child = await start(args);
  const err = new Response(child.stderr).text();
  let out = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += part;
    if (out.includes(text)) break;
  }
  return { code: (await child.status).code, out, err: await err };
}

/** Settings that make a run of seconds out of a recipe. */
export const TINY = [
  "epochs=3",
  "batchSize=16",
  "data.train=96",
  "data.test=16",
  "student.width=4",
  "teacher.width=4",
  "attack.steps=2",
  "evaluation.validation=16",
  "evaluation.every=1",
  "evaluation.batchSize=16",
  "evaluation.attacks.pgd-20.steps=2",
].flatMap((setting) => ["--set", setting]);
