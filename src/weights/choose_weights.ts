// The tensors of one network among those of a file, under whatever names its wrappers
// gave them: `module.`, `_orig_mod.`, `model.net.` and the like.
//
// The choice is not by names alone. For every dictionary with tensors, and every prefix of
// their names, the network's tensors that are found are counted, and those that have their
// shapes. The largest count wins, and notes say which tensors were taken.

import type { Fail } from "../base/fail.ts";
import type { Shape } from "../graph/tensor.ts";
import type { Normalization } from "../nn/normalized.ts";
import { isStatistic, normalizationOf } from "./kept_normalization.ts";
import type { StateDict } from "./state_dict.ts";
import type { StoredTensor } from "./stored_tensor.ts";

/** The tensors of a network under its own names. */
export interface ChosenWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The normalization of images in the file; null for none. */
  readonly normalization: Normalization | null;
  /** Notes about the tensors that were taken and those that were not, one sentence each. */
  readonly notes: readonly string[];
}

/** Keys under which training scripts keep a network's state dict. */
const USUAL_KEYS = ["state_dict", "model_state_dict", "model", "net"];

/** Prefixes of the fields that wrappers keep a network in, and of a Sequential's. */
const USUAL_PREFIX = /^((module|model|net|network|backbone|_orig_mod|\d+)\.)*$/;

/** Longest name that is taken for a tensor of a network. */
const LONGEST_NAME = 512;

/** A dictionary and a prefix, under which tensors of the network are found. */
interface Candidate {
  readonly dict: StateDict<StoredTensor>;
  readonly prefix: string;
  /** How many tensors have names of the network's, those of its shapes twice. */
  readonly score: number;
}

/**
 * Chooses the tensors of a network.
 *
 * @param own The shapes of the network's own tensors by name, in PyTorch's order.
 */
export function chooseWeights(
  dicts: readonly StateDict<StoredTensor>[],
  { own, fail }: {
    readonly own: ReadonlyMap<string, Shape>;
    readonly fail: Fail;
  },
): ChosenWeights {
  const candidates = dicts.flatMap((dict) => candidatesOf(dict, own));
  const most = candidates.reduce((most, { score }) => Math.max(most, score), 0);
  const equal = candidates.filter(({ score }) => score === most);
  const chosen = preferred(equal) ?? fail(
    `expected one state dict of this network but found ${
      equal.map(placeOf).join(", ")
    }; --key NAME says which entry is meant`,
  );
  const { dict, prefix } = chosen;
  const isKept = (name: string): boolean =>
    !(name.startsWith(prefix) && own.has(name.slice(prefix.length))) &&
    isStatistic(name);
  const given = [...dict.tensors];
  const normalization = normalizationOf(
    given.filter(([name]) => isKept(name)),
    fail,
  );
  const rest = given.filter(([name]) => !isKept(name));
  const tensors = rest.filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  const beside = rest.flatMap(([name]) => name.startsWith(prefix) ? [] : name);
  const others = equal.filter((one) => one !== chosen).map(placeOf);
  const notes = notesOn(chosen, { beside, others });
  return { tensors: new Map(tensors), normalization, notes };
}

/** Every prefix under which a dictionary has tensors of the network; else none at all. */
function candidatesOf(
  dict: StateDict<StoredTensor>,
  own: ReadonlyMap<string, Shape>,
): Candidate[] {
  const scores = new Map([["", 0]]);
  for (const [name, { shape }] of dict.tensors) {
    if (name.length > LONGEST_NAME) continue;
    for (let at = 0; at >= 0;) {
      const wanted = own.get(name.slice(at));
      if (wanted) {
        const prefix = name.slice(0, at);
        const score = `${shape}` === `${wanted}` ? 2 : 1;
        scores.set(prefix, (scores.get(prefix) ?? 0) + score);
      }
      const dot = name.indexOf(".", at);
      at = dot < 0 ? -1 : dot + 1;
    }
  }
  return [...scores].map(([prefix, score]) => ({ dict, prefix, score }));
}

/** The choice among several that fit equally well, if it is clear. */
function preferred(equal: readonly Candidate[]): Candidate | undefined {
  if (equal.length === 1) return equal[0];
  const isUsual = ({ dict: { path } }: Candidate): boolean =>
    path === "" || USUAL_KEYS.includes(path.slice(path.lastIndexOf(".") + 1));
  const usual = equal.filter(isUsual);
  const among = usual.length > 0 ? usual : equal;
  if (among.length === 1) return among[0];
  const plain = among.filter(({ prefix }) => USUAL_PREFIX.test(prefix));
  return plain.length === 1 ? plain[0] : undefined;
}

function placeOf({ dict: { path }, prefix }: Candidate): string {
  const fields = prefix.replace(/\.$/, "");
  const place = path !== "" && fields !== "" ? `${path}: ${fields}` : path;
  return place || fields || "the file itself";
}

/** How many names a note has. */
const NAMED = 4;

function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  const first = names.slice(0, NAMED).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}

/** Notes about the tensors that were taken, if these are not the whole file. */
function notesOn(
  { dict: { path }, prefix }: Candidate,
  { beside, others }: {
    readonly beside: readonly string[];
    readonly others: readonly string[];
  },
): string[] {
  const notes: string[] = [];
  if (path !== "" || prefix !== "") {
    const place = path === "" ? "" : ` under ${path}`;
    const names = prefix === "" ? "" : `, their names without "${prefix}"`;
    notes.push(`The weights are those${place || " of the file"}${names}.`);
  }
  if (others.length > 0) {
    notes.push(
      `Others that fit as well are not read: ${named(others)}; --key NAME ` +
        "reads another.",
    );
  }
  if (beside.length > 0) {
    notes.push(`Tensors beside them are not read: ${named(beside)}.`);
  }
  return notes;
}
