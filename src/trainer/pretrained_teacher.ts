// A teacher that was trained before. Its file is read and compared with its architecture
// before training starts, so that a wrong file is refused at once.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { buildNetwork } from "../step/build.ts";
import type { Experiment, PretrainedConfig } from "../config/experiment.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { NetworkValues } from "../weights/network_tensors.ts";
import { readWeights } from "../weights/weights_file.ts";

/** The values that a teacher starts from, and their file. */
export interface PretrainedTeacher {
  /** Its parameters and running statistics. */
  readonly values: NetworkValues;
  /** The file that they are from. */
  readonly file: string;
  /** The file's SHA-256. */
  readonly sha256: string;
}

/**
 * Reads the pretrained teacher of an experiment, for a number of classes; null where
 * there is none.
 *
 * @throws {UserError} if there is no file, or if it has no weights or a normalization.
 * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
 */
export async function readTeacher(
  { teacher }: Pick<Experiment, "teacher">,
  { classes }: { readonly classes: number },
): Promise<PretrainedTeacher | null> {
  if (!teacher?.pretrained) return null;
  const materialized = materialize(
    buildNetwork(teacher, { classes }),
    "teacher",
  );
  return await readPretrained(teacher.pretrained, materialized);
}

/** Reads the values of a materialized network; errors are those of {@linkcode readTeacher}. */
export async function readPretrained(
  { from }: Pick<PretrainedConfig, "from">,
  materialized: Materialized,
): Promise<PretrainedTeacher> {
  const file = await fileOf(from);
  const { values, normalization, sha256 } = await readWeights(
    file,
    materialized,
  );
  if (normalization) {
    throw new UserError(
      `Cannot use ${file} as a teacher: expected a network of images in ` +
        "[0, 1] but found one that normalizes them",
    );
  }
  return { values, file, sha256 };
}

/** The file itself, or of a run's folder the last checkpoint. */
async function fileOf(from: string): Promise<string> {
  const info = await fileInfo(from);
  const file = info?.isDirectory ? `${from}/last.safetensors` : from;
  if (info?.isDirectory ? await fileInfo(file) : info) return file;
  throw new UserError(
    `Cannot read the teacher ${from}: expected the folder of a run or a file ` +
      `of weights but found ${
        info ? "a folder without last.safetensors" : "nothing"
      }`,
  );
}
