// A teacher that was trained before. Its file is read and compared with its architecture
// before training starts, so that a wrong file is refused at once.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { buildTeacher } from "../step/build.ts";
import type {
  Experiment,
  PretrainedConfig,
  TeacherConfig,
} from "../config/experiment.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { Normalization } from "../nn/normalized.ts";
import {
  loadNetworkTensors,
  networkTensors,
  type NetworkValues,
} from "../weights/network_tensors.ts";
import type { StoredTensor } from "../weights/stored_tensor.ts";
import { readWeights } from "../weights/weights_file.ts";

/** The values that a teacher starts from, and their file. */
export interface PretrainedTeacher {
  /** Its parameters and running statistics. */
  readonly values: NetworkValues;
  /** The file that they are from. */
  readonly file: string;
  /** The file's SHA-256. */
  readonly sha256: string;
  /** Notes about the tensors that were taken from it, one sentence each. */
  readonly notes: readonly string[];
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
  const { normalization = null, ...plain } = teacher;
  const made = (config: TeacherConfig): Materialized =>
    materialize(buildTeacher(config, { classes }), "teacher");
  const found = await readPretrained(teacher.pretrained, made(plain), {
    normalization,
  });
  if (!normalization) return found;
  const values = normalizedValues(found, {
    inner: made(plain),
    outer: made(teacher),
    normalization,
  });
  return { ...found, values };
}

/** The values of a network that normalizes its images, from those of the network in it. */
function normalizedValues(
  { values, file }: PretrainedTeacher,
  { inner, outer, normalization: { mean, std } }: {
    readonly inner: Materialized;
    readonly outer: Materialized;
    readonly normalization: Normalization;
  },
): NetworkValues {
  const statistic = (numbers: readonly number[]): StoredTensor => ({
    shape: [3],
    data: Float32Array.from(numbers),
  });
  const tensors = new Map<string, StoredTensor>([
    ["mean", statistic(mean)],
    ["std", statistic(std)],
  ]);
  for (const [name, tensor] of networkTensors(inner, values)) {
    tensors.set(`model.${name}`, tensor);
  }
  return loadNetworkTensors(outer, tensors, { source: file });
}

/**
 * Reads the values of a materialized network; errors are those of {@linkcode readTeacher}.
 *
 * @param own.normalization What its images are normalized by in front of it; by nothing
 * if left out.
 */
export async function readPretrained(
  { from }: Pick<PretrainedConfig, "from">,
  materialized: Materialized,
  { normalization = null }: {
    readonly normalization?: Normalization | null;
  } = {},
): Promise<PretrainedTeacher> {
  const file = await fileOf(from);
  const weights = await readWeights(file, materialized);
  const { values, normalization: kept, sha256, notes } = weights;
  if (kept && !isSame(kept, normalization)) {
    throw new UserError(
      `Cannot use ${file} as a teacher: expected a network of images in ` +
        `[0, 1]${
          normalization ? " that the experiment normalizes alike" : ""
        } ` +
        "but found one that normalizes them; the experiment does so by\n" +
        `  --set 'teacher.normalization=${JSON.stringify(rounded(kept))}'`,
    );
  }
  return { values, file, sha256, notes };
}

function isSame(kept: Normalization, given: Normalization | null): boolean {
  if (!given) return false;
  const others = [...given.mean, ...given.std];
  return [...kept.mean, ...kept.std]
    .every((value, i) => Math.abs(value - others[i]!) < 1e-6);
}

/** The numbers as they were before a file kept them in single precision. */
function rounded({ mean, std }: Normalization): Normalization {
  const short = (value: number): number => Number(value.toPrecision(7));
  return { mean: mean.map(short), std: std.map(short) };
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
