// State dicts in files: alone, or anywhere in dictionaries, lists and name spaces, beside
// other results of training. `choose_weights.ts` decides which one fits.

import type { Fail } from "../base/fail.ts";
import {
  pickleKind,
  PickleTuple,
  PickleUnknown,
  type PickleValue,
} from "./pickle_values.ts";
import { TorchTensor } from "./torch_storages.ts";

/** A dictionary with tensors. */
export interface StateDict<T> {
  /** The keys that lead to it, with dots between; empty for the whole file. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, T>;
}

/** How deep a state dict may be among other things. */
const DEEPEST = 5;

/** The largest number of values that are searched. */
const MOST_VALUES = 100_000;

/**
 * Every dictionary with tensors in a value, or in what it has under `key`; of a
 * dictionary without that key, the tensors whose names begin with it.
 */
export function findStateDicts(
  value: PickleValue,
  { key, unknown, fail }: {
    readonly key?: string | undefined;
    /** Names of unsupported objects in the file. */
    readonly unknown?: ReadonlySet<string>;
    readonly fail: Fail;
  },
): readonly StateDict<TorchTensor>[] {
  const root = key === undefined ? value : entryOf(value, { key, fail });
  const found: StateDict<TorchTensor>[] = [];
  const seen = new Set<PickleValue>();
  const level: [path: string, value: PickleValue][] = [[key ?? "", root]];
  // Level by level, so that nearer ones come first.
  for (let depth = 0, at = 0; depth < DEEPEST && at < level.length; depth++) {
    for (const end = level.length; at < end; at++) {
      const [path, value] = level[at]!;
      if (seen.has(value)) continue;
      seen.add(value);
      const tensors = tensorsIn(value);
      if (tensors.size > 0) found.push({ path, tensors });
      for (const [name, held] of itemsOf(value)) {
        if (level.length >= MOST_VALUES) break;
        if (isContainer(held)) level.push([joinedPath(path, name), held]);
      }
    }
  }
  if (found.length === 0) {
    fail(
      `expected a state dict, alone or among other things, but found ${
        contentsOf(root)
      }${unknownText(root, unknown)}`,
    );
  }
  return found;
}

/** The value of a dictionary under a key, or the tensors whose names begin with it. */
function entryOf(
  value: PickleValue,
  { key, fail }: { readonly key: string; readonly fail: Fail },
): PickleValue {
  if (value instanceof Map) {
    const inner = value.get(key);
    if (inner !== undefined) return inner;
    const prefixed = [...value].filter(([name]) =>
      typeof name === "string" && name.startsWith(`${key}.`)
    );
    if (prefixed.length > 0) return new Map(prefixed);
  }
  return fail(`expected an entry ${key} but found ${contentsOf(value)}`);
}

function tensorsIn(value: PickleValue): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  if (!(value instanceof Map)) return tensors;
  for (const [name, held] of value) {
    if (typeof name === "string" && held instanceof TorchTensor) {
      tensors.set(name, held);
    }
  }
  return tensors;
}

/** The items of a container with their keys or places. */
function* itemsOf(
  value: PickleValue,
): Iterable<readonly [PickleValue, PickleValue]> {
  if (value instanceof Map) yield* value;
  const items = value instanceof PickleTuple ? value.items : value;
  if (Array.isArray(items)) yield* items.entries();
}

function isContainer(value: PickleValue): boolean {
  return value instanceof Map || value instanceof PickleTuple ||
    Array.isArray(value);
}

function joinedPath(path: string, name: PickleValue): string {
  const last = keyText(name);
  return path === "" ? last : `${path}.${last}`;
}

/** How many keys, or names of what is unknown, an error has. */
const NAMED = 8;

/** The contents of a value, for errors. */
function contentsOf(value: PickleValue): string {
  if (!(value instanceof Map)) return pickleKind(value);
  const keys = [...value.keys()].slice(0, NAMED).map(keyText);
  const more = value.size - NAMED;
  const named = keys.join(", ") || "an empty dictionary";
  return more > 0 ? `${named} and ${more} more` : named;
}

/** Longest key that is named as it is. */
const LONGEST_KEY = 80;

function keyText(key: PickleValue): string {
  const text = typeof key === "string" ? key : pickleKind(key);
  return text.length > LONGEST_KEY ? `${text.slice(0, LONGEST_KEY)}…` : text;
}

/** A note on objects that need Python, and how to save the file without them. */
function unknownText(
  root: PickleValue,
  unknown: ReadonlySet<string> = new Set(),
): string {
  if (unknown.size === 0) return "";
  const names = [...unknown].slice(0, NAMED).map((name) =>
    JSON.stringify(keyText(name))
  );
  const among = root instanceof PickleUnknown
    ? ""
    : ` with ${names.join(", ")}`;
  return `${among}, which is not imported; save a state dict alone: ` +
    'torch.save(model.state_dict(), "weights.pt")';
}
