// The folder of one run. `experiment.json` makes a folder a run's: it is written
// first, holds the experiment and the environment, and never changes.
//
// One process trains in a folder, the one that holds its lock. Reading, as an
// evaluation does, takes no lock. Symbolic links in the folder are refused: a run's
// folder may come from another person, and must not lead writes out of itself.

import { writeAtomically } from "../base/atomic_write.ts";
import { fileInfo, makeFolder, refuseLinks } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import { lockFile } from "../base/lock.ts";
import { type Environment, storedEnvironment } from "./environment.ts";
import { checkExperiment } from "../config/check_experiment.ts";
import type { Experiment } from "../config/experiment.ts";
import type { ResultCard } from "./result_card.ts";
import { storedCard } from "./stored_card.ts";
import { storedExperiment } from "./stored_experiment.ts";
import { checkFormat, readJson, writeJson } from "./stored_json.ts";

const FORMAT = "frpat-run-1";

/** Paths of a run's files. */
export interface RunFiles {
  /** The experiment and environment at the start. */
  readonly experiment: string;
  /** The log, one JSON object per line. */
  readonly log: string;
  /** The log as a table. */
  readonly csv: string;
  /** The checkpoint to continue from. */
  readonly last: string;
  /** The checkpoint with the best robust accuracy on the held-out images. */
  readonly best: string;
  /** The result card. */
  readonly card: string;
}

const FILES: RunFiles = {
  experiment: "experiment.json",
  log: "log.jsonl",
  csv: "log.csv",
  last: "last.safetensors",
  best: "best.safetensors",
  card: "card.json",
};

/** The experiment and environment of a run. */
export interface RunRecord {
  /** The experiment. */
  readonly experiment: Experiment;
  /** The program, machine and data that the run began with. */
  readonly environment: Environment;
}

/** The default folder of a run: `runs/shapes-frpat-seed1`. */
export function defaultRunPath(
  { name, seed }: Pick<Experiment, "name" | "seed">,
): string {
  return `runs/${name.replace(/[^\w.-]+/g, "-")}-seed${seed}`;
}

/** A folder that holds a run. Dispose of it to release its lock. */
export class RunFolder implements RunRecord {
  /** The folder as it was given. */
  readonly path: string;
  /** The paths of its files, whether or not they exist. */
  readonly files: RunFiles;
  /** The experiment. */
  readonly experiment: Experiment;
  /** The program, machine and data that the run began with. */
  readonly environment: Environment;
  #lock: Deno.FsFile | null;

  private constructor(
    path: string,
    { experiment, environment }: RunRecord,
    lock: Deno.FsFile | null,
  ) {
    this.path = path;
    this.files = filesIn(path);
    this.experiment = experiment;
    this.environment = environment;
    this.#lock = lock;
  }

  /**
   * Starts a run in a folder that holds none, made if need be, and locks it.
   *
   * @throws {UserError} if there is a run already, or another process trains there.
   */
  static async create(path: string, record: RunRecord): Promise<RunFolder> {
    checkExperiment(record.experiment);
    const files = filesIn(path);
    await makeFolder(path);
    await refuseLinks(path);
    const lock = await lockFolder(path);
    try {
      await refuseOtherRun(path);
      const { experiment, environment } = record;
      await writeJsonFile(files.experiment, {
        format: FORMAT,
        experiment,
        environment,
      });
      return new RunFolder(path, record, lock);
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /**
   * Opens a run to go on training it, and locks it.
   *
   * @throws {UserError} as {@linkcode RunFolder.open}, or if another process trains there.
   */
  static async resume(path: string): Promise<RunFolder> {
    const record = await readRecord(path);
    return new RunFolder(path, record, await lockFolder(path));
  }

  /**
   * Opens a run to read it, whether or not it is being trained.
   *
   * @throws {UserError} if the folder holds no run, a damaged or a newer one.
   */
  static async open(path: string): Promise<RunFolder> {
    return new RunFolder(path, await readRecord(path), null);
  }

  /** Replaces the result card. */
  async writeCard(card: ResultCard): Promise<void> {
    await writeJsonFile(this.files.card, card);
  }

  /**
   * The result card, or null where there is none yet.
   *
   * @throws {UserError} if the file is damaged, or no card.
   */
  async readCard(): Promise<ResultCard | null> {
    const source = this.files.card;
    if (!await fileInfo(source)) return null;
    return storedCard(await readJson(source), source);
  }

  /** Lets other processes train in the folder. */
  dispose(): void {
    this.#lock?.close();
    this.#lock = null;
  }

  /** As {@linkcode RunFolder.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Where the checkpoint of an epoch is, in a run that keeps some. */
export function keptCheckpoint(path: string, epoch: number): string {
  return `${path.replace(/(?<=.)\/+$/, "")}/epoch-${epoch}.safetensors`;
}

/** The paths of a run's files in its folder, whether or not they exist. */
export function filesIn(path: string): RunFiles {
  const folder = path.replace(/(?<=.)\/+$/, "");
  const entries = Object.entries(FILES).map((
    [kind, name],
  ) => [kind, `${folder}/${name}`]);
  return Object.fromEntries(entries) as RunFiles;
}

async function refuseOtherRun(path: string): Promise<void> {
  const found: string[] = [];
  for (const [kind, file] of Object.entries(filesIn(path))) {
    if (await fileInfo(file)) found.push(FILES[kind as keyof RunFiles]);
  }
  if (found.length === 0) return;
  throw new UserError(
    `Cannot start a run in ${path}: expected a folder without a run but found ` +
      `${found.join(", ")}; resume that run, or choose another folder`,
  );
}

async function readRecord(path: string): Promise<RunRecord> {
  await refuseLinks(path);
  const source = filesIn(path).experiment;
  if (!await fileInfo(source)) {
    const info = await fileInfo(path);
    const found = info?.isDirectory
      ? "no experiment.json in it"
      : info
      ? "a file"
      : "nothing";
    throw new UserError(
      `Cannot open ${path}: expected the folder of a run but found ${found}`,
    );
  }
  const record = await readJson(source);
  checkFormat(record["format"], { expected: FORMAT, source });
  return {
    experiment: storedExperiment(record["experiment"], source),
    environment: storedEnvironment(
      record["environment"],
      `the environment of ${source}`,
    ),
  };
}

async function writeJsonFile(path: string, value: object): Promise<void> {
  await writeAtomically(path, `${writeJson(value, { indent: 2 })}\n`);
}

/** How to wait for a folder. */
export interface WaitOptions {
  /** Aborted to wait no longer. */
  readonly signal?: AbortSignal | undefined;
  /** Called once where another process trains there, with what is known of it. */
  readonly onWait?: ((holder: string) => void) | undefined;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

/** Waits until no process trains in a folder; false if the signal came first. */
export async function waitForFolder(
  path: string,
  { signal, onWait, every = 1000 }: WaitOptions = {},
): Promise<boolean> {
  for (let waiting = false; !signal?.aborted;) {
    const holder = await holderOf(path);
    if (holder === null) return true;
    if (!waiting) onWait?.(holder);
    waiting = true;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  return false;
}

/** What is known of the process that trains in a folder; null where none does. */
export async function holderOf(path: string): Promise<string | null> {
  if (!await fileInfo(`${path}/.lock`)) return null;
  const taken: { holder: string | null } = { holder: null };
  try {
    const lock = await lockFile(`${path}/.lock`, {
      onTaken(holder) {
        taken.holder = holder;
        throw new TakenError();
      },
    });
    lock.close();
  } catch (error) {
    if (!(error instanceof TakenError)) throw error;
  }
  return taken.holder;
}

class TakenError extends UserError {}

/** The lock of a folder, refused where another process trains there. */
async function lockFolder(path: string): Promise<Deno.FsFile> {
  return await lockFile(`${path}/.lock`, {
    onTaken(holder) {
      throw new UserError(
        `Cannot train in ${path}: expected no other process to train there but ` +
          `found ${holder}; wait for it, or choose another folder`,
      );
    },
  });
}
