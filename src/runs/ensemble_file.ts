// What an ensemble of attacks has found so far, in a file: verdicts by image, and
// where to go on. Its name ends with a digest of everything that decides the result,
// the weights included, so that it is found again exactly by the same evaluation.

import { UserError } from "../base/errors.ts";
import { writeAtomically } from "../base/atomic_write.ts";
import { sha256 } from "../data/dataset.ts";
import { fileInfo } from "../base/disk.ts";
import type { EnsembleConfig } from "../config/ensemble_config.ts";
import { type EnsembleState, stages } from "./ensemble_state.ts";
import { asObject, checkFormat, parseJson, writeJson } from "./stored_json.ts";

const FORMAT = "frpat-ensemble-1";

/** Everything that decides what an ensemble finds. */
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
   * The state to go on from; undefined where there is none.
   *
   * @throws {UserError} if the file is damaged or newer than this program.
   */
  async read(): Promise<EnsembleState | undefined> {
    if (!await fileInfo(this.path)) return undefined;
    const text = await Deno.readTextFile(this.path);
    const stored = asObject(parseJson(text, this.path), this.path);
    checkFormat(stored["format"], { expected: FORMAT, source: this.path });
    const state = asObject(stored["state"], `the state of ${this.path}`);
    const { verdicts } = state;
    const { images } = this.#subject;
    if (!Array.isArray(verdicts) || ![0, images].includes(verdicts.length)) {
      throw new UserError(
        `Cannot read ${this.path}: expected verdicts on ${images} images but found ${
          Array.isArray(verdicts) ? verdicts.length : "none"
        }`,
      );
    }
    return state as unknown as EnsembleState;
  }

  /** Replaces the file, whole. */
  async write(state: EnsembleState): Promise<void> {
    const { config: { attacks } } = this.#subject;
    const text = writeJson({
      format: FORMAT,
      subject: this.#subject,
      // For readers; the program looks at the state alone.
      left: stages(state.verdicts, attacks),
      state,
    });
    await writeAtomically(this.path, new TextEncoder().encode(`${text}\n`));
  }
}
