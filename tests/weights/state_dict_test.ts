// Where a state dict may be among other things, and what wrappers add to its names.

import { assertEquals, assertThrows } from "@std/assert";
import { failureOf } from "../../src/base/fail.ts";
import type { PickleValue } from "../../src/weights/pickle_values.ts";
import { findStateDict, plainWeights } from "../../src/weights/state_dict.ts";
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

Deno.test("findStateDict() finds it alone, under the usual keys, and under those in turn", () => {
  const found = [
    state,
    dictionary({ state_dict: state, epoch: 3 }),
    dictionary({ model: state }),
    dictionary({ net: state, acc: 0.5 }),
    dictionary({ model: dictionary({ state_dict: state }) }),
  ].map((value) => [...findStateDict(value, { fail })]);
  assertEquals(found, Array(5).fill([...state]));
});

Deno.test("findStateDict() takes the entry that it is told", () => {
  const value = dictionary({ best: state, last: new Map() });
  assertEquals([...findStateDict(value, { fail, key: "best" })], [...state]);
  assertThrows(
    () => findStateDict(value, { fail, key: "ema" }),
    SyntaxError,
    "expected an entry ema but found best, last",
  );
});

Deno.test("findStateDict() does not guess between several or among strangers", () => {
  const inCycle = dictionary({});
  inCycle.set("model", inCycle);
  const unclear = {
    "found best, last; --key NAME": dictionary({ best: state, last: state }),
    "found model, net; --key NAME": dictionary({ model: state, net: state }),
    "found w, epoch; --key NAME": dictionary({ w: tensor, epoch: 1 }),
    "found an empty dictionary": new Map(),
    "found model; --key NAME": inCycle,
  };
  for (const [message, value] of Object.entries(unclear)) {
    assertThrows(() => findStateDict(value, { fail }), SyntaxError, message);
  }
});

const OWN = ["conv.weight", "bn.running_mean"];

/** Tensors of these names; those of three elements hold them. */
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

function plain(entries: Readonly<Record<string, readonly number[]>>) {
  const { tensors, normalization } = plainWeights(stored(entries), {
    isOwn: (name) => OWN.includes(name),
    fail,
  });
  return { names: [...tensors.keys()], normalization };
}

Deno.test("plainWeights() takes wrappers off, in any nesting, where all names have them", () => {
  for (const prefix of ["", "module.", "model.", "module.model.", "1."]) {
    const { names } = plain({
      [`${prefix}conv.weight`]: [1],
      [`${prefix}bn.running_mean`]: [2],
    });
    assertEquals(names, OWN, prefix);
  }
  const { names } = plain({
    "module.conv.weight": [1],
    "bn.running_mean": [2],
  });
  assertEquals(names, ["module.conv.weight", "bn.running_mean"]);
});

Deno.test("plainWeights() finds the normalization that is kept beside the weights", () => {
  const normalization = { mean: [1, 2, 3], std: [4, 5, 6] };
  const spellings = [
    ["mu", "sigma", ""],
    ["module.mu", "module.sigma", "module."],
    ["normalize.mean", "normalize.std", "model."],
    ["0.mean", "0.std", "1."],
    ["mean", "std", ""],
  ] as const;
  for (const [mean, std, prefix] of spellings) {
    const found = plain({
      [mean]: [1, 2, 3],
      [std]: [4, 5, 6],
      [`${prefix}conv.weight`]: [1],
      [`${prefix}bn.running_mean`]: [1, 2, 3],
    });
    assertEquals(found, { names: OWN, normalization }, mean);
  }
});

Deno.test("plainWeights() refuses half a normalization, and a deviation of zero", () => {
  for (
    const entries of [
      { mu: [1, 2, 3] },
      { mu: [1, 2, 3], sigma: [1, 0, 1] },
      { mu: [1, 2], sigma: [1, 1] },
      { mu: [1, 2, 3], "a.mu": [1, 2, 4], sigma: [1, 1, 1] },
    ]
  ) {
    assertThrows(
      () => plain(entries),
      SyntaxError,
      "expected one mean and one positive deviation of three channels but found mu",
    );
  }
});

Deno.test("plainWeights() leaves a network's own mean alone", () => {
  const { tensors, normalization } = plainWeights(stored({ mean: [1, 2, 3] }), {
    isOwn: (name) => name === "mean",
    fail,
  });
  assertEquals([[...tensors.keys()], normalization], [["mean"], null]);
});
