// From what people save to the tensors of one network: the state dict on its own or
// among other things, under the names of the wrappers that it was trained in, and
// with the normalization of images that some keep beside the weights.

import type { Normalization } from "../nn/normalized.ts";
import type { Fail } from "../base/fail.ts";
import { pickleKind, type PickleValue } from "./pickle_values.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { TorchTensor } from "./torch_storages.ts";

/** Keys under which training scripts keep a network's state dict. */
const STATE_DICT_KEYS = ["state_dict", "model_state_dict", "model", "net"];

/** How deep a state dict may be among other things. */
const DEEPEST = 4;

/**
 * The tensors of a state dict: the value itself, or what it has under `key`, or
 * else under the one of the usual keys that it has.
 */
export function findStateDict(
  value: PickleValue,
  { key, fail, depth = 0 }: {
    readonly key?: string | undefined;
    readonly fail: Fail;
    readonly depth?: number;
  },
): Map<string, TorchTensor> {
  if (!(value instanceof Map)) {
    return fail(`expected a state dict but found ${pickleKind(value)}`);
  }
  if (key !== undefined) {
    const inner = value.get(key);
    if (inner !== undefined) return findStateDict(inner, { fail, depth: 1 });
    return fail(`expected an entry ${key} but found ${keysOf(value)}`);
  }
  const tensors = new Map<string, TorchTensor>();
  for (const [name, held] of value) {
    if (typeof name === "string" && held instanceof TorchTensor) {
      tensors.set(name, held);
    }
  }
  if (tensors.size > 0 && tensors.size === value.size) return tensors;
  const usual = STATE_DICT_KEYS.filter((key) => value.get(key) instanceof Map);
  if (tensors.size > 0 || usual.length !== 1 || depth >= DEEPEST) {
    return fail(
      `expected a state dict, alone or under ${
        STATE_DICT_KEYS.join(", ")
      }, but ` +
        `found ${keysOf(value)}; --key NAME says which entry is meant`,
    );
  }
  return findStateDict(value.get(usual[0]!)!, { fail, depth: depth + 1 });
}

/** How many keys an error names. */
const NAMED_KEYS = 8;

function keysOf(value: ReadonlyMap<PickleValue, PickleValue>): string {
  const keys = [...value.keys()].map((key) =>
    typeof key === "string" ? key : pickleKind(key)
  );
  const more = keys.length - NAMED_KEYS;
  const named = keys.slice(0, NAMED_KEYS).join(", ") || "an empty dictionary";
  return more > 0 ? `${named} and ${more} more` : named;
}

/** A network's tensors under its own names. */
export interface PlainWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What the file says of the images that the network expects; null for nothing. */
  readonly normalization: Normalization | null;
}

/** Fields that wrappers keep a network in; numbers are those of a Sequential. */
const WRAPPER = /^(module|model|net|network|_orig_mod|\d+)$/;

/** Buffers for the mean and the deviation of images, by the last part of their name. */
const MEAN = /(?:^|\.)(mu|mean|new_mean)$/;
const STD = /(?:^|\.)(sigma|std|new_std)$/;

/**
 * Takes the wrappers' parts off all names, and the normalization out of the tensors.
 *
 * @param isOwn Whether a name is one of the network's own tensors.
 */
export function plainWeights(
  given: ReadonlyMap<string, StoredTensor>,
  { isOwn, fail }: {
    readonly isOwn: (name: string) => boolean;
    readonly fail: Fail;
  },
): PlainWeights {
  const isStatistic = (name: string): boolean =>
    !isOwn(name) && (MEAN.test(name) || STD.test(name));
  const statistics = [...given].filter(([name]) => isStatistic(name));
  let tensors = [...given].filter(([name]) => !isStatistic(name));
  for (let field = wrapperOf(tensors); field; field = wrapperOf(tensors)) {
    const length = field.length + 1;
    tensors = tensors.map(([name, tensor]) => [name.slice(length), tensor]);
  }
  return {
    tensors: new Map(tensors),
    normalization: normalizationOf(statistics, fail),
  };
}

/** The wrapper that all names begin with; null where they do not. */
function wrapperOf(
  tensors: readonly (readonly [string, StoredTensor])[],
): string | null {
  const field = tensors[0]?.[0].split(".", 1)[0] ?? "";
  const common = tensors.every(([name]) => name.startsWith(`${field}.`));
  return common && WRAPPER.test(field) ? field : null;
}

function normalizationOf(
  statistics: readonly (readonly [string, StoredTensor])[],
  fail: Fail,
): Normalization | null {
  if (statistics.length === 0) return null;
  const values = (pattern: RegExp): readonly number[] | undefined => {
    const found = statistics.filter(([name]) => pattern.test(name));
    const [first, ...others] = found.map(([, { data }]) => [...data]);
    const same = others.every((one) => `${one}` === `${first}`);
    return same && first?.length === 3 ? first : undefined;
  };
  const [mean, std] = [values(MEAN), values(STD)];
  if (mean && std && std.every((deviation) => deviation > 0)) {
    return { mean, std };
  }
  const found = statistics.map(([name, { shape }]) =>
    `${name} (${shape.join(", ")})`
  );
  return fail(
    "expected one mean and one positive deviation of three channels but found " +
      found.join(", "),
  );
}
