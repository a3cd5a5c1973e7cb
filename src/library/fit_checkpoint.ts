// What a training in memory keeps in a file so that it can go on: the tensors of a run's
// checkpoint, whose student `Classifier.load` takes, and by what the training is known.
// A training goes on from its own checkpoint alone.

import { fileInfo, readBytes } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import { bytesOf, sha256 } from "../data/dataset.ts";
import type { TrainingSplit } from "../data/float_images.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import { parseJson, writeJson } from "../runs/stored_json.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
} from "../weights/safetensors.ts";
import {
  CHECKPOINT_FORMAT,
  joinGroups,
  splitGroups,
} from "../weights/tensor_groups.ts";
import { writeFile } from "./write_file.ts";

/** What a training is known by: numbers, names, and the digest of its images. */
export type FitIdentity = Readonly<Record<string, unknown>>;

/** A training between two steps. */
export interface FitState extends Pick<Checkpoint, "tensors" | "metrics"> {
  /** Steps taken. */
  readonly step: number;
}

/** The digest of images, labels and targets. */
export async function digestOf(
  { images, labels, targets }: TrainingSplit,
): Promise<string> {
  const bytes = (values: Float32Array<ArrayBuffer>) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const parts = [
    images instanceof Float32Array ? bytes(images) : images,
    bytesOf(labels),
    ...targets ? [bytes(targets)] : [],
  ];
  const digests = await Promise.all(parts.map(sha256));
  return digests.join(" ");
}

/** Writes the state of a training. */
export async function saveFit(
  path: string,
  { step, tensors, metrics, identity }: FitState & {
    readonly identity: FitIdentity;
  },
): Promise<void> {
  const metadata = {
    format: CHECKPOINT_FORMAT,
    step: String(step),
    metrics: writeJson(metrics),
    fit: writeJson(identity),
  };
  const bytes = encodeSafeTensors({ tensors: joinGroups(tensors), metadata });
  await writeFile(path, bytes);
}

/**
 * Reads the state of a training; null where there is no file.
 *
 * @throws {UserError} if the file is of another training.
 */
export async function loadFit(
  path: string,
  identity: FitIdentity,
): Promise<FitState | null> {
  if (!await fileInfo(path)) return null;
  const { tensors, metadata } = decodeSafeTensors(await readBytes(path), path);
  const { fit, step = "", metrics = "" } = metadata;
  const found = fit === undefined
    ? {}
    : parseJson(fit, `the training of ${path}`) as FitIdentity;
  for (const name of Object.keys({ ...found, ...identity })) {
    const [expected, other] = [identity[name], found[name]].map((one) =>
      JSON.stringify(one) ?? "nothing"
    );
    if (expected === other) continue;
    throw new UserError(
      `Cannot go on from ${path}: expected its ${name} to be ${expected} but ` +
        `found ${other}; another file, or none, starts anew`,
    );
  }
  return {
    step: Number(step),
    tensors: splitGroups(tensors, path),
    metrics: parseJson(
      metrics,
      `the metrics of ${path}`,
    ) as FitState["metrics"],
  };
}
