// A checkpoint: everything that a run needs to continue, in one safetensors file that
// other programs can read. Tensors are in PyTorch's layout, in groups. The rest stands in
// the file's metadata, as text.
//
// Random numbers are a function of seed and step, so that there is no generator's state to
// save. The writer chooses the groups.

import { writeAtomically } from "../base/atomic_write.ts";
import { fileInfo, readBytes } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import type { Experiment } from "../config/experiment.ts";
import { sameExperiment } from "../config/same_experiment.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
} from "../weights/safetensors.ts";
import {
  CHECKPOINT_FORMAT,
  joinGroups,
  splitGroups,
  type TensorGroups,
} from "../weights/tensor_groups.ts";
import { storedExperiment } from "./stored_experiment.ts";
import { checkFormat, parseJson, writeJson } from "./stored_json.ts";
import { checkShape, number, record } from "./stored_shape.ts";

/** The state of a run between two steps. */
export interface Checkpoint {
  /** Training steps taken. */
  readonly step: number;
  /** Epochs completed. */
  readonly epoch: number;
  /** The experiment. */
  readonly experiment: Experiment;
  /** Numbers to keep beside the tensors, such as the best accuracy so far. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Tensors by the names of their module, in PyTorch's layout. */
  readonly tensors: TensorGroups;
}

/** Writes a checkpoint; the file at `path` is the old one or the new one, whole. */
export async function saveCheckpoint(
  path: string,
  checkpoint: Checkpoint,
): Promise<void> {
  await writeAtomically(path, encodeCheckpoint(checkpoint));
}

/**
 * Reads a checkpoint.
 *
 * @param options.of The experiment that it has to be of; any if left out.
 * @throws {UserError} if there is no file, none of this format, a damaged one, or that
 * of another experiment.
 */
export async function loadCheckpoint(
  path: string,
  { of }: { readonly of?: Experiment } = {},
): Promise<Checkpoint> {
  if (!await fileInfo(path)) {
    throw new UserError(
      `Cannot read ${path}: expected a checkpoint but found none`,
    );
  }
  const checkpoint = decodeCheckpoint(await readBytes(path), path);
  const { experiment } = checkpoint;
  if (of === undefined) return checkpoint;
  // A run may be given more epochs after it was saved.
  const { epochs } = experiment;
  const saved = { ...of, epochs: Math.min(epochs, of.epochs) };
  if (sameExperiment(experiment, saved)) return checkpoint;
  throw new UserError(
    `Cannot use ${path}: expected a checkpoint of this run of ${of.name} but ` +
      `found one of ${experiment.name} with other settings`,
  );
}

/** A checkpoint as the bytes of a safetensors file. */
export function encodeCheckpoint(
  { step, epoch, experiment, metrics, tensors }: Checkpoint,
): Uint8Array<ArrayBuffer> {
  const metadata = {
    format: CHECKPOINT_FORMAT,
    step: String(step),
    epoch: String(epoch),
    metrics: writeJson(metrics),
    experiment: writeJson(experiment),
  };
  return encodeSafeTensors({ tensors: joinGroups(tensors), metadata });
}

/**
 * A checkpoint from the bytes of its file.
 *
 * @param source What to call the file in errors.
 * @throws {UserError} if they are no checkpoint, or a damaged one.
 */
export function decodeCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Checkpoint {
  const { tensors, metadata } = decodeSafeTensors(bytes, source);
  checkFormat(metadata["format"], {
    expected: CHECKPOINT_FORMAT,
    source,
  });
  const json = (key: string): unknown =>
    parseJson(metadata[key] ?? "", `${key} of ${source}`);
  return {
    step: countOf(metadata, { key: "step", source }),
    epoch: countOf(metadata, { key: "epoch", source }),
    experiment: storedExperiment(
      json("experiment"),
      `the experiment of ${source}`,
    ),
    metrics: checkShape<Checkpoint["metrics"]>(json("metrics"), {
      shape: record(number),
      source: `the metrics of ${source}`,
    }),
    tensors: splitGroups(tensors, source),
  };
}

function countOf(
  metadata: Readonly<Record<string, string>>,
  { key, source }: { readonly key: string; readonly source: string },
): number {
  const text = metadata[key];
  const count = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  if (!Number.isSafeInteger(count)) {
    throw new UserError(
      `Cannot read ${source}: expected its ${key} to be a whole number but ` +
        `found ${text}`,
    );
  }
  return count;
}
