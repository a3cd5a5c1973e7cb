// Several groups of tensors in one safetensors file, with a prefix of names for each:
// `student.conv1.weight`, `velocity.student.conv1.weight`. Checkpoints of runs are such
// files. `src/runs` reads the rest of a checkpoint from its metadata.

import { UserError } from "../base/errors.ts";
import type { StoredTensor } from "./stored_tensor.ts";

/** The format of a checkpoint, as its metadata names it. */
export const CHECKPOINT_FORMAT = "frpat-checkpoint-1";

/**
 * The group of a tensor: a network, the average of the student's weights, the method's modules, or what their optimizers keep:
 * velocity, which of AdamW is the mean gradient, and AdamW's mean squares.
 */
export type TensorGroup =
  | "student"
  | "teacher"
  | "average"
  | "method"
  | "velocity.student"
  | "velocity.teacher"
  | "velocity.method"
  | "squares.student"
  | "squares.teacher"
  | "squares.method";

/** Tensors by group, then by the names of their module, in PyTorch's layout. */
export type TensorGroups = Readonly<
  Partial<Record<TensorGroup, ReadonlyMap<string, StoredTensor>>>
>;

/** Every group, in the order in which files have them. */
const GROUPS: readonly TensorGroup[] = [
  "student",
  "teacher",
  "average",
  "method",
  "velocity.student",
  "velocity.teacher",
  "velocity.method",
  "squares.student",
  "squares.teacher",
  "squares.method",
];

/** The tensors of all groups under the names that a file has for them. */
export function joinGroups(groups: TensorGroups): Map<string, StoredTensor> {
  const named = new Map<string, StoredTensor>();
  for (const group of GROUPS) {
    for (const [name, tensor] of groups[group] ?? []) {
      named.set(`${group}.${name}`, tensor);
    }
  }
  return named;
}

/**
 * The inverse of {@linkcode joinGroups}.
 *
 * @param source What to call the file in errors.
 * @throws {UserError} for a tensor that belongs to no group.
 */
export function splitGroups(
  tensors: ReadonlyMap<string, StoredTensor>,
  source: string,
): TensorGroups {
  const groups: Partial<Record<TensorGroup, Map<string, StoredTensor>>> = {};
  for (const [path, tensor] of tensors) {
    const group = GROUPS.find((group) => path.startsWith(`${group}.`));
    if (group === undefined) {
      throw new UserError(
        `Cannot read ${source}: expected tensors of ${GROUPS.join(", ")} ` +
          `but found ${path}`,
      );
    }
    groups[group] ??= new Map();
    groups[group].set(path.slice(group.length + 1), tensor);
  }
  return groups;
}
