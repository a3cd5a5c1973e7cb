// Files of PyTorch as training scripts leave them, with all that stands beside the
// weights: the weights are read, nothing is run, and what was taken is told.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { failureOf } from "../../src/base/fail.ts";
import { networkTensors } from "../../src/weights/network_tensors.ts";
import type { PickleValue } from "../../src/weights/pickle_values.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import { decodeTorchFile } from "../../src/weights/torch_file.ts";
import { readWeights } from "../../src/weights/weights_file.ts";
import {
  archive,
  dictionary,
  global,
  int,
  littleEndian,
  pickle,
  raw,
  tensor,
  text,
  tuple,
} from "../support/pickle_writer.ts";
import { readFixture } from "../support/read_fixture.ts";

const FOLDER = new URL("../fixtures/torch_files/kinds/", import.meta.url);
const expected = readFixture("torch_files/expected");

/** Each file, and what is told of it. */
const NOTES: Readonly<Record<string, readonly string[]>> = {
  averaged: [
    'The weights are those of the file, their names without "module.".',
    "Tensors beside them are not read: n_averaged.",
  ],
  ema: [
    "The weights are those under model.",
    "Others that fit as well are not read: ema_state_dict; --key NAME reads another.",
  ],
  expanded: [],
  inert: [
    "The weights are those under state_dict.",
    "Nothing was made of what",
  ],
  legacy: ["The weights are those under state_dict."],
  lightning: [
    'The weights are those under state_dict, their names without "model._orig_mod.".',
    "Tensors beside them are not read: loss.weight.",
    "Nothing was made of what the file has of lightning.pytorch.utilities.parsing." +
    "AttributeDict, lightning.pytorch.utilities.parsing.Callback.",
  ],
  namespace: [
    'The weights are those under model, their names without "net.backbone.".',
  ],
  protocol5: [],
  settings: ["The weights are those under net.0.weights."],
  unread: [],
};

for (const [name, told] of Object.entries(NOTES)) {
  Deno.test(`readWeights() of ${name}.pt gives what PyTorch saved, and says what it took`, async () => {
    const materialized = materialize(
      resnet8({ classes: 10, width: 2 }),
      "network",
    );
    const path = fromFileUrl(new URL(`${name}.pt`, FOLDER));
    const { values, notes } = await readWeights(path, materialized);
    for (const [key, { data }] of networkTensors(materialized, values)) {
      const isShared = name === "expanded" && key === "linear.bias";
      const recorded = isShared
        ? Array(10).fill(0.5)
        : expected.get(key)!.values;
      assertEquals([...data], recorded, key);
    }
    assertEquals(notes.length, told.length, `${notes}`);
    notes.forEach((note, i) => assert(note.startsWith(told[i]!), note));
  });
}

const NUMBERS = Float32Array.from({ length: 64 }, (_, i) => i);
const W = tensor({ shape: [2, 3], stride: [3, 1] });

/** The values beside a tensor, and the names of what was not made. */
function beside(...pieces: Uint8Array[]): {
  readonly value: PickleValue | undefined;
  readonly unknown: readonly string[];
} {
  const bytes = archive(dictionary({ w: W, x: pickle(...pieces) }), {
    "data/0": NUMBERS,
  });
  const { value, unknown, read } = decodeTorchFile(bytes, "x.pt");
  const [found] = findStateDicts(value, { fail: failureOf("x.pt") });
  assertEquals([...read(found!.tensors).get("w")!.data], [0, 1, 2, 3, 4, 5]);
  return {
    value: (value as Map<PickleValue, PickleValue>).get("x"),
    unknown: [...unknown],
  };
}

const byte = (value: number): Uint8Array => Uint8Array.of(value);
const long = (...bytes: number[]): Uint8Array[] => [
  pickle("LONG1", byte(bytes.length)),
  Uint8Array.from(bytes),
];
const called = (module: string, name: string, ...args: Uint8Array[]) =>
  pickle(global(module, name), tuple(...args), "REDUCE");

const COUNTED = pickle("EMPTY_DICT", int(3), int(1), "SETITEM");
const NAMED = pickle("EMPTY_DICT", text("lr"), int(1), "SETITEM");

const PLAIN: readonly [what: string, Uint8Array[], PickleValue][] = [
  ["a counter", [called("collections", "Counter", COUNTED)], new Map([[3, 1]])],
  [
    "a default dictionary",
    [
      called("collections", "defaultdict", global("__builtin__", "list")),
      int(3),
      int(1),
      pickle("SETITEM"),
    ],
    new Map([[3, 1]]),
  ],
  [
    "a set",
    [called("__builtin__", "set", pickle("EMPTY_LIST", int(3), "APPEND"))],
    [3],
  ],
  [
    "a set of protocol 4",
    [pickle("EMPTY_SET", "MARK", int(3), "ADDITEMS")],
    new Set([3]),
  ],
  ["a frozen set", [pickle("MARK", int(3), "FROZENSET")], new Set([3])],
  ["bytes", [pickle("SHORT_BINBYTES", byte(2), raw("ab"))], raw("ab")],
  ["bytes of protocol 2", [called("_codecs", "encode", text("ab"))], "ab"],
  ["an integer of 9 bytes", long(0, 0, 0, 0, 0, 0, 0, 0, 1), 2n ** 64n],
  ["a negative long integer", long(0, 0, 0, 0, 0, 0, 0, 0, 255), -(2n ** 64n)],
  ["a device", [called("torch", "device", text("cuda"), int(1))], "cuda:1"],
  [
    "a name space",
    [pickle(
      global("argparse", "Namespace"),
      "EMPTY_TUPLE",
      "NEWOBJ",
      NAMED,
      "BUILD",
    )],
    new Map([["lr", 1]]),
  ],
  [
    "a number of numpy",
    [called(
      "numpy.core.multiarray",
      "scalar",
      pickle(called("numpy", "dtype", text("<i4")), tuple(int(3)), "BUILD"),
      pickle("SHORT_BINBYTES", byte(4), littleEndian(4, 7)),
    )],
    7,
  ],
];

Deno.test("decodeTorchFile() makes plain values of what does nothing", () => {
  for (const [what, pieces, value] of PLAIN) {
    const found = beside(...pieces);
    const plain = found.value instanceof Map
      ? new Map(found.value)
      : found.value;
    assertEquals(plain, value, what);
  }
});

const SYSTEM = global("os", "system");

const PASSED: readonly [what: string, Uint8Array[], string][] = [
  ["a command", [pickle(SYSTEM, tuple(text("x")), "REDUCE")], "os.system"],
  [
    "a command by text",
    [text("os"), text("system"), pickle("STACK_GLOBAL")],
    "os.system",
  ],
  [
    "INST",
    [pickle("MARK", text("x"), "INST", raw("os\nsystem\n"))],
    "os.system",
  ],
  ["OBJ", [pickle("MARK", SYSTEM, text("x"), "OBJ")], "os.system"],
  ["NEWOBJ", [pickle(SYSTEM, "EMPTY_TUPLE", "NEWOBJ")], "os.system"],
  [
    "NEWOBJ_EX",
    [pickle(SYSTEM, "EMPTY_TUPLE", "EMPTY_DICT", "NEWOBJ_EX")],
    "os.system",
  ],
  [
    "state, items and attributes of an unknown object",
    [
      pickle(SYSTEM, "EMPTY_TUPLE", "REDUCE", NAMED, "BUILD"),
      pickle(int(1), int(2), "SETITEM", int(1), "APPEND"),
    ],
    "os.system",
  ],
  ["an extension", [pickle("EXT1", byte(7))], "extension 7"],
  ["a long integer", [
    pickle("LONG4", littleEndian(4, 300)),
    new Uint8Array(300),
  ], "an integer of 300 bytes"],
  [
    "an unknown outside",
    [pickle(tuple(text("module")), "BINPERSID")],
    "an object outside of the pickle",
  ],
  [
    "a damaged tensor",
    [tensor({ shape: [1], stride: [] })],
    "torch._utils._rebuild_tensor_v2",
  ],
  ["a size of text", [called("torch", "Size", text("x"))], "torch.Size"],
];

Deno.test("decodeTorchFile() keeps the name alone of what only Python could make", () => {
  for (const [what, pieces, name] of PASSED) {
    assertEquals(beside(...pieces).unknown, [name], what);
  }
});

Deno.test("decodeTorchFile() reads no tensor before it is asked for", () => {
  for (
    const claim of [
      { shape: [2 ** 40], stride: [0] },
      { shape: [2 ** 40, 2 ** 10], stride: [2 ** 10, 1] },
      { key: "9", shape: [2], stride: [1] },
      { length: 2 ** 50, shape: [2], stride: [1] },
      { storage: "ComplexFloatStorage", shape: [2], stride: [1] },
    ]
  ) assertEquals(beside(tensor(claim)).unknown, []);
});

Deno.test("decodeTorchFile() reads tensors whose elements share places", () => {
  const bytes = archive(
    dictionary({
      windows: tensor({ shape: [2, 3], stride: [2, 1] }),
      expanded: tensor({ shape: [2, 2], stride: [0, 1], offset: 3 }),
    }),
    { "data/0": NUMBERS },
  );
  const { value, read } = decodeTorchFile(bytes, "x.pt");
  const [found] = findStateDicts(value, { fail: failureOf("x.pt") });
  assertEquals(
    [...read(found!.tensors).values()].map(({ data }) => [...data]),
    [[0, 1, 2, 2, 3, 4], [3, 4, 3, 4]],
  );
});
