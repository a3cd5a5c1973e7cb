// The folder of one run. `experiment.json` makes a folder a run's: it is written
// first, says what is trained on which machine, and never changes.
//
// One process trains in a folder. The lock is the operating system's on an open
// file, which ends with its process however that ends; the file itself stays, and
// its presence means nothing. Reading, as an evaluation does, takes no lock.

import { writeAtomically, writeFailure } from "../base/atomic_write.ts";
import { fileInfo } from "../base/disk.ts";
import type { Environment } from "./environment.ts";
import { checkExperiment } from "../config/check_experiment.ts";
import type { Experiment } from "../config/experiment.ts";
import { CARD_FORMAT, type ResultCard } from "./result_card.ts";
import { storedExperiment } from "./stored_experiment.ts";
import { asObject, checkFormat, parseJson, writeJson } from "./stored_json.ts";

const FORMAT = "frpat-run-1";

/** Paths of a run's files. */
export interface RunFiles {
  /** What the run was started with. */
  readonly experiment: string;
  /** The log, one JSON object per line. */
  readonly log: string;
  /** The checkpoint to go on from. */
  readonly last: string;
  /** The checkpoint with the best robust accuracy on the held-out images. */
  readonly best: string;
  /** The result card. */
  readonly card: string;
}

const FILES: RunFiles = {
  experiment: "experiment.json",
  log: "log.jsonl",
  last: "last.safetensors",
  best: "best.safetensors",
  card: "card.json",
};

/** What a run was started with. */
export interface RunRecord {
  /** What is trained, and how. */
  readonly experiment: Experiment;
  /** The program, machine and data that the run began with. */
  readonly environment: Environment;
}

/** Where a run goes unless the user says otherwise: `runs/shapes-frpat-seed1`. */
export function defaultRunPath(
  { name, seed }: Pick<Experiment, "name" | "seed">,
): string {
  return `runs/${name.replace(/[^\w.-]+/g, "-")}-seed${seed}`;
}

/** A folder that holds a run. Dispose of it to let others train in it. */
export class RunFolder implements RunRecord {
  /** The folder as it was given. */
  readonly path: string;
  /** The paths of its files, whether or not they exist. */
  readonly files: RunFiles;
  /** What is trained, and how. */
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
   * @throws {Error} if there is a run already, or another process trains there.
   */
  static async create(path: string, record: RunRecord): Promise<RunFolder> {
    checkExperiment(record.experiment);
    const files = filesIn(path);
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw writeFailure(error, path);
    }
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
   * @throws {Error} as {@linkcode RunFolder.open}, or if another process trains there.
   */
  static async resume(path: string): Promise<RunFolder> {
    const record = await readRecord(path);
    return new RunFolder(path, record, await lockFolder(path));
  }

  /**
   * Opens a run to read it, whether or not it is being trained.
   *
   * @throws {Error} if the folder holds no run, a damaged or a newer one.
   */
  static async open(path: string): Promise<RunFolder> {
    return new RunFolder(path, await readRecord(path), null);
  }

  /** Replaces the result card. */
  async writeCard(card: ResultCard): Promise<void> {
    await writeJsonFile(this.files.card, card);
  }

  /** The result card, or null where there is none yet. */
  async readCard(): Promise<ResultCard | null> {
    const source = this.files.card;
    if (!await fileInfo(source)) return null;
    const card = await readJsonFile(source);
    checkFormat(card["format"], { expected: CARD_FORMAT, source });
    return card as unknown as ResultCard;
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

function filesIn(path: string): RunFiles {
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
  throw new Error(
    `Cannot start a run in ${path}: expected a folder without a run but found ` +
      `${found.join(", ")}; resume that run, or choose another folder`,
  );
}

async function readRecord(path: string): Promise<RunRecord> {
  const source = filesIn(path).experiment;
  if (!await fileInfo(source)) {
    const what = await fileInfo(path) ? "no experiment.json in it" : "nothing";
    throw new Error(
      `Cannot open ${path}: expected the folder of a run but found ${what}`,
    );
  }
  const record = await readJsonFile(source);
  checkFormat(record["format"], { expected: FORMAT, source });
  return {
    experiment: storedExperiment(record["experiment"], source),
    environment: asObject(
      record["environment"],
      `the environment of ${source}`,
    ) as unknown as Environment,
  };
}

async function readJsonFile(path: string): Promise<Record<string, unknown>> {
  return asObject(parseJson(await Deno.readTextFile(path), path), path);
}

async function writeJsonFile(path: string, value: object): Promise<void> {
  const text = `${writeJson(value, { indent: 2 })}\n`;
  await writeAtomically(path, new TextEncoder().encode(text));
}

/** The lock of a folder, with this process's id for those who find it taken. */
async function lockFolder(path: string): Promise<Deno.FsFile> {
  const place = `${path}/.lock`;
  let file: Deno.FsFile;
  try {
    file = await Deno.open(place, { read: true, write: true, create: true });
  } catch (error) {
    throw writeFailure(error, path);
  }
  try {
    if (!await file.tryLock(true)) {
      throw new Error(
        `Cannot train in ${path}: expected no other process to train there but ` +
          `found ${await holderOf(
            place,
          )}; wait for it, or choose another folder`,
      );
    }
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Who holds a lock, as far as it can be read: on Windows it cannot. */
async function holderOf(place: string): Promise<string> {
  const text = await Deno.readTextFile(place).catch(() => "");
  return /^\d+\n$/.test(text) ? `process ${text.trim()}` : "one";
}
