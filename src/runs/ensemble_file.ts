// The state of an evaluation by an ensemble of attacks, in a file: verdicts by image, and
// the batch to continue with. The file's name ends with a digest of everything that decides
// the result, the weights included, so that only the same evaluation finds it.

import { UserError } from "../base/errors.ts";
import { writeAtomically } from "../base/atomic_write.ts";
import { sha256 } from "../data/dataset.ts";
import { fileInfo } from "../base/disk.ts";
import type { EnsembleConfig } from "../config/ensemble_config.ts";
import type { AttackSource } from "./attack_source.ts";
import {
  type EnsembleState,
  type RoundState,
  stages,
} from "./ensemble_state.ts";
import {
  boolean,
  checkShape,
  count,
  list,
  nullable,
  number,
  object,
  type Shape,
  text,
} from "./stored_shape.ts";
import { checkFormat, readJson, writeJson } from "./stored_json.ts";

const FORMAT = "frpat-ensemble-1";

const VERDICTS: Shape = list(nullable(text));

const ROUND: Shape = object<RoundState>({
  search: count,
  round: count,
  points: list(count),
  done: count,
  flat: count,
  invalid: count,
});

const STATE: Shape = object<EnsembleState>({
  verdicts: VERDICTS,
  round: nullable(ROUND),
  finished: boolean,
  warnings: list(text),
  passes: number,
  seconds: number,
});

/** Everything that decides the result of an ensemble. */
export interface EnsembleSubject {
  /** The network's name, and the SHA-256 of the file that it is from. */
  readonly network: string;
  readonly weights: string;
  /** The digest of the data set. */
  readonly contents: string;
  /** Images from the start of the test set. */
  readonly images: number;
  readonly config: EnsembleConfig;
  readonly batchSize: number;
  readonly seed: number;
  /** The network that the attacks see, where it is another. */
  readonly source?: AttackSource;
}

/** A file for one evaluation. */
export class EnsembleFile {
  readonly path: string;
  readonly #subject: EnsembleSubject;

  private constructor(path: string, subject: EnsembleSubject) {
    this.path = path;
    this.#subject = subject;
  }

  /** The file of an evaluation, whether or not it exists: `<base>-<name>-<digest>.json`. */
  static async at(
    base: string,
    { name, subject }: {
      readonly name: string;
      readonly subject: EnsembleSubject;
    },
  ): Promise<EnsembleFile> {
    const bytes = new TextEncoder().encode(writeJson(subject));
    const digest = (await sha256(bytes)).slice(0, 8);
    return new EnsembleFile(`${base}-${name}-${digest}.json`, subject);
  }

  /**
   * The state to continue from; undefined where there is none.
   *
   * @throws {UserError} if the file is damaged or newer than this program.
   */
  async read(): Promise<EnsembleState | undefined> {
    if (!await fileInfo(this.path)) return undefined;
    const stored = await readJson(this.path);
    checkFormat(stored["format"], { expected: FORMAT, source: this.path });
    const source = `the state of ${this.path}`;
    const { verdicts } = checkShape<Pick<EnsembleState, "verdicts">>(
      stored["state"],
      {
        shape: object<Pick<EnsembleState, "verdicts">>({ verdicts: VERDICTS }),
        source,
      },
    );
    const { images } = this.#subject;
    if (![0, images].includes(verdicts.length)) {
      throw new UserError(
        `Cannot read ${this.path}: expected verdicts on ${images} images but ` +
          `found ${verdicts.length}`,
      );
    }
    const state = checkShape<EnsembleState>(stored["state"], {
      shape: STATE,
      source,
    });
    return state;
  }

  /** Replaces the file, whole. */
  async write(state: EnsembleState): Promise<void> {
    const { config: { attacks } } = this.#subject;
    const json = writeJson({
      format: FORMAT,
      subject: this.#subject,
      // For people; the program reads the state only.
      left: stages(state.verdicts, attacks),
      state,
    });
    await writeAtomically(this.path, `${json}\n`);
  }
}
