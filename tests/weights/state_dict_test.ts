// Where state dicts may be among other things, what wrappers add to their names, and
// which one is taken.

import { assertEquals, assertThrows } from "@std/assert";
import { failureOf } from "../../src/base/fail.ts";
import { UserError } from "../../src/base/errors.ts";
import { chooseWeights } from "../../src/weights/choose_weights.ts";
import {
  PickleNamespace,
  PickleTuple,
  type PickleValue,
} from "../../src/weights/pickle_values.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import type { StoredTensor } from "../../src/weights/stored_tensor.ts";
import { TorchStorage, TorchTensor } from "../../src/weights/torch_storages.ts";

const fail = failureOf("x.pt");
const storage = new TorchStorage({ key: "0", dtype: "F32", length: 1 });
const tensor = new TorchTensor(storage, { offset: 0, shape: [], stride: [] });
const state = new Map<PickleValue, PickleValue>([["conv.weight", tensor]]);

/** A dictionary of the given entries. */
function dictionary(
  entries: Readonly<Record<string, PickleValue>>,
): Map<PickleValue, PickleValue> {
  return new Map(Object.entries(entries));
}

/** Where dictionaries with tensors are found. */
function paths(value: PickleValue, key?: string): string[] {
  return findStateDicts(value, { key, fail }).map(({ path }) => path);
}

Deno.test("findStateDicts() finds them alone and among anything else", () => {
  const other = new Map(state);
  const inCycle = dictionary({ a: state });
  inCycle.set("self", inCycle);
  const cases: readonly [value: PickleValue, paths: readonly string[]][] = [
    [state, [""]],
    [dictionary({ state_dict: state, epoch: 3 }), ["state_dict"]],
    [dictionary({ model: dictionary({ net: state }) }), ["model.net"]],
    [dictionary({ best: state, last: other }), ["best", "last"]],
    [dictionary({ best: state, again: state }), ["best"]],
    [dictionary({ w: tensor, epoch: 1, ema: state }), ["", "ema"]],
    [new PickleTuple([3, state]), ["1"]],
    [[dictionary({ net: state })], ["0.net"]],
    [new PickleNamespace([["model", state]]), ["model"]],
    [inCycle, ["a"]],
  ];
  for (const [value, expected] of cases) assertEquals(paths(value), expected);
});

Deno.test("findStateDicts() looks under the key that it is told", () => {
  const value = dictionary({ best: state, "ema.conv.weight": tensor });
  assertEquals(paths(value, "best"), ["best"]);
  const [ema] = findStateDicts(value, { key: "ema", fail });
  assertEquals([...ema!.tensors.keys()], ["ema.conv.weight"]);
  assertThrows(
    () => paths(value, "none"),
    UserError,
    "expected an entry none but found best, ema.conv.weight",
  );
});

Deno.test("findStateDicts() says what there is instead", () => {
  const empty = dictionary({});
  empty.set("model", empty);
  const wrong: readonly [value: PickleValue, found: string][] = [
    [new Map(), "found an empty dictionary"],
    [dictionary({ epoch: 1, lr: 2 }), "found epoch, lr"],
    [empty, "found model"],
    [[], "found a list"],
    ["text", "found text"],
  ];
  for (const [value, found] of wrong) {
    assertThrows(() => paths(value), UserError, found);
  }
});

const OWN = new Map([["conv.weight", [1]], ["bn.running_mean", [3]]]);
const NAMES = [...OWN.keys()];

/** Tensors of these names, each a vector. */
function stored(
  entries: Readonly<Record<string, readonly number[]>>,
): Map<string, StoredTensor> {
  return new Map(
    Object.entries(entries).map(([name, values]) => [name, {
      shape: [values.length],
      data: Float32Array.from(values),
    }]),
  );
}

/** A network's tensors under a prefix. */
function network(
  prefix = "",
  mean: readonly number[] = [1, 2, 3],
): Record<string, readonly number[]> {
  return { [`${prefix}conv.weight`]: [1], [`${prefix}bn.running_mean`]: mean };
}

type Entries = Readonly<Record<string, readonly number[]>>;

function choose(dicts: Readonly<Record<string, Entries>>) {
  const given = Object.entries(dicts)
    .map(([path, entries]) => ({ path, tensors: stored(entries) }));
  const chosen = chooseWeights(given, { own: OWN, fail });
  return { ...chosen, names: [...chosen.tensors.keys()] };
}

Deno.test("chooseWeights() takes prefixes off where the names below fit", () => {
  const prefixes = [
    "",
    "module.",
    "model.",
    "module.model.",
    "1.",
    "backbone.",
  ];
  prefixes.push("_orig_mod.", "_orig_mod.module.", "model.net.", "student.");
  for (const prefix of prefixes) {
    const beside = {
      n_averaged: [1],
      "loss.weight": [1, 2],
      "a.b.weight": [1],
    };
    const { names, notes } = choose({ "": { ...beside, ...network(prefix) } });
    if (prefix !== "") {
      assertEquals(names, NAMES, prefix);
      assertEquals(notes, [
        `The weights are those of the file, their names without "${prefix}".`,
        "Tensors beside them are not read: n_averaged, loss.weight, a.b.weight.",
      ]);
    }
  }
  // Without a prefix, strangers are the network's loader's to refuse.
  assertEquals(choose({ "": network() }).notes, []);
  assertEquals(choose({ "": { x: [1], ...network() } }).names, ["x", ...NAMES]);
});

Deno.test("chooseWeights() takes the dictionary that most tensors fit", () => {
  const other = network("", [1, 2]);
  const cases: readonly [Readonly<Record<string, Entries>>, string, string?][] =
    [
      [{ model: { lr: [1] }, weights: network("module.") }, "weights"],
      [{ state_dict: { "conv.weight": [1] }, ema: network() }, "ema"],
      [{ state_dict: other, best: network() }, "best"],
      [
        { model: network(), ema_state_dict: network() },
        "model",
        "ema_state_dict",
      ],
      [{ ema: network(), "a.state_dict": network() }, "a.state_dict", "ema"],
      [{ optimizer: { "0.x": [1] }, net: other }, "net"],
    ];
  for (const [dicts, path, others] of cases) {
    const { notes } = choose(dicts);
    assertEquals(
      notes[0]!.startsWith(`The weights are those under ${path}`),
      true,
    );
    assertEquals(
      notes[1],
      others &&
        `Others that fit as well are not read: ${others}; --key NAME reads another.`,
    );
  }
});

Deno.test("chooseWeights() does not guess between equals", () => {
  const both = { ...network("student."), ...network("teacher.") };
  const unclear: Readonly<Record<string, Readonly<Record<string, Entries>>>> = {
    "best, last": { best: network(), last: network() },
    "model, net": { model: network(), net: network() },
    "student, teacher": { "": both },
    "state_dict: student, state_dict: teacher": { state_dict: both },
  };
  for (const [found, dicts] of Object.entries(unclear)) {
    assertThrows(
      () => choose(dicts),
      UserError,
      `expected one state dict of this network but found ${found}; --key NAME says`,
    );
  }
  const wrapped = { ...network("module."), ...network("teacher.") };
  assertEquals(choose({ "": wrapped }).names, NAMES);
});

Deno.test("chooseWeights() finds the normalization that is kept beside the weights", () => {
  const normalization = { mean: [1, 2, 3], std: [4, 5, 6] };
  const spellings = [
    ["mu", "sigma", ""],
    ["module.mu", "module.sigma", "module."],
    ["normalize.mean", "normalize.std", "model."],
    ["0.mean", "0.std", "1."],
    ["mean", "std", ""],
  ] as const;
  for (const [mean, std, prefix] of spellings) {
    const found = choose({
      "": { [mean]: [1, 2, 3], [std]: [4, 5, 6], ...network(prefix) },
    });
    assertEquals(found.names, NAMES, mean);
    assertEquals(found.normalization, normalization, mean);
  }
});

Deno.test("chooseWeights() refuses half a normalization, and a deviation of zero", () => {
  for (
    const entries of [
      { mu: [1, 2, 3] },
      { mu: [1, 2, 3], sigma: [1, 0, 1] },
      { mu: [1, 2], sigma: [1, 1] },
      { mu: [1, 2, 3], "a.mu": [1, 2, 4], sigma: [1, 1, 1] },
    ]
  ) {
    assertThrows(
      () => choose({ "": entries }),
      UserError,
      "expected one mean and one positive deviation of three channels but found mu",
    );
  }
});

Deno.test("chooseWeights() leaves a network's own mean alone", () => {
  const dict = { path: "", tensors: stored({ mean: [1, 2, 3] }) };
  const own = new Map([["mean", [3]]]);
  const { tensors, normalization } = chooseWeights([dict], { own, fail });
  assertEquals([[...tensors.keys()], normalization], [["mean"], null]);
});
