// Files that PyTorch wrote give what was saved; files that no PyTorch would write
// are refused by the name of what is wrong with them, and nothing is run.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { materialize } from "../../src/nn/module.ts";
import { readNetworkFile } from "../../src/weights/network_file.ts";
import { networkTensors } from "../../src/weights/network_tensors.ts";
import { readWeights } from "../../src/weights/weights_file.ts";
import { failureOf } from "../../src/base/fail.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import type { StoredTensor } from "../../src/weights/stored_tensor.ts";
import { decodeTorchFile } from "../../src/weights/torch_file.ts";
import { readFixture } from "../support/read_fixture.ts";
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
  zip,
} from "../support/pickle_writer.ts";

const FOLDER = new URL("../fixtures/torch_files/", import.meta.url);

/** The first state dict in bytes that `torch.save` could have written, read. */
function decode(
  bytes: Uint8Array<ArrayBuffer>,
): ReadonlyMap<string, StoredTensor> {
  const { value, unknown, read } = decodeTorchFile(bytes, "x.pt");
  const [first] = findStateDicts(value, { unknown, fail: failureOf("x.pt") });
  const tensors = read(first!.tensors);
  for (const { data } of tensors.values()) assert(data);
  return tensors;
}

const expected = readFixture("torch_files/expected");

/** What an element becomes in the type that a file was saved in. */
const ROUNDED: Readonly<Record<string, (value: number) => number>> = {
  half: Math.f16round,
  bfloat16: roundToBfloat16,
};

/** To the nearest number with 8 significant bits, ties to even. */
function roundToBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0]! += 0x7fff + (bits[0]! >>> 16 & 1);
  bits[0]! &= 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}

const FILES = [
  ...["plain", "parameters", "nested", "robustbench", "half", "bfloat16"],
  ...["double", "strided", "protocol4"],
];

for (const name of FILES) {
  Deno.test(`readWeights() of ${name}.pt gives what PyTorch saved`, async () => {
    const materialized = materialize(
      resnet8({ classes: 10, width: 2 }),
      "network",
    );
    const path = new URL(`${name}.pt`, FOLDER).pathname;
    const { values, normalization } = await readWeights(path, materialized);
    const round = ROUNDED[name] ?? ((value: number) => value);
    const found = networkTensors(materialized, values);
    assertEquals(found.size, 47);
    for (const [key, { shape, data }] of found) {
      const recorded = expected.get(key)!;
      assertEquals(shape, recorded.shape, key);
      assertEquals([...data], recorded.values.map(round), key);
    }
    assertEquals(
      normalization,
      name === "robustbench"
        ? {
          mean: [0.4914, 0.4822, 0.4465].map(Math.fround),
          std: [0.2471, 0.2435, 0.2616].map(Math.fround),
        }
        : null,
    );
  });
}

Deno.test("readNetworkFile() refuses a normalization that nobody would apply", async () => {
  const materialized = materialize(
    resnet8({ classes: 10, width: 2 }),
    "network",
  );
  const path = new URL("robustbench.pt", FOLDER).pathname;
  await assertRejects(
    () => readNetworkFile(path, materialized),
    UserError,
    "expected a network's own tensors but found a normalization of images",
  );
});

Deno.test("readWeights() takes a key of torch.save's files alone", async () => {
  const materialized = materialize(
    resnet8({ classes: 10, width: 2 }),
    "network",
  );
  const path = new URL("nested.pt", FOLDER).pathname;
  await readWeights(path, materialized, { key: "state_dict" });
  await assertRejects(
    () => readWeights(path, materialized, { key: "optimizer" }),
    UserError,
    "expected a state dict, alone or among other things, but found state, param",
  );
  const other = new URL("expected.safetensors", FOLDER).pathname;
  await assertRejects(
    () => readWeights(other, materialized, { key: "state_dict" }),
    UserError,
    "but found safetensors",
  );
});

Deno.test("decodeTorchFile() reads the format before PyTorch 1.6", async () => {
  const path = new URL("legacy.pt", FOLDER);
  const bytes = await Deno.readFile(path);
  const [[name, { shape, data }]] = [...decode(bytes)] as [
    [string, StoredTensor],
  ];
  assertEquals([name, shape, [...data]], ["w", [2], [1, 1]]);
  for (const length of [200, bytes.length - 1]) {
    assertThrows(
      () => decode(bytes.slice(0, length)),
      UserError,
      "Cannot read",
    );
  }
});

Deno.test("decodeTorchFile() refuses a pickled module by the name of its class", async () => {
  const bytes = await Deno.readFile(new URL("module.pt", FOLDER));
  assertThrows(
    () => decode(bytes),
    UserError,
    'found "torch.nn.modules.linear.Linear", which is not imported; save a ' +
      "state dict alone: torch.save(model.state_dict()",
  );
});

const NUMBERS = Float32Array.from({ length: 64 }, (_, i) => i);
const STORAGE = { "data/0": NUMBERS };
const LONG = tensor({ length: 64, shape: [64], stride: [1] });
const W = tensor({ shape: [2, 3], stride: [3, 1] });

Deno.test("decodeTorchFile() reads tensors as views of their storage", () => {
  const tensors = decode(archive(
    dictionary({
      whole: W,
      transposed: tensor({ shape: [3, 2], stride: [1, 3] }),
      column: tensor({ shape: [2], stride: [3], offset: 1 }),
      scalar: tensor({ shape: [], stride: [], offset: 5 }),
      empty: tensor({ shape: [0, 4], stride: [4, 1] }),
    }),
    STORAGE,
  ));
  const found = [...tensors].map(([name, { shape, data }]) => [
    name,
    shape,
    [...data],
  ]);
  assertEquals(found, [
    ["whole", [2, 3], [0, 1, 2, 3, 4, 5]],
    ["transposed", [3, 2], [0, 3, 1, 4, 2, 5]],
    ["column", [2], [1, 4]],
    ["scalar", [], [5]],
    ["empty", [0, 4], []],
  ]);
});

for (
  const options of [
    { wide: true },
    { descriptors: true },
    { comment: "a comment that is no archive" },
  ]
) {
  Deno.test(`decodeTorchFile() reads an archive with ${Object.keys(options)}`, () => {
    const bytes = archive(dictionary({ w: W }), { ...STORAGE, options });
    assertEquals([...decode(bytes).get("w")!.data], [0, 1, 2, 3, 4, 5]);
  });
}

const SYSTEM = global("os", "system");
const COMMAND = pickle(SYSTEM, tuple(text("touch /tmp/executed")), "REDUCE");

/** Pickles, each with the message that refuses it. */
const REFUSED: Readonly<Record<string, [Uint8Array<ArrayBuffer>, string]>> = {
  "a command": [
    dictionary({ w: COMMAND }),
    'found w with "os.system", which is not imported',
  ],
  "a command by text": [
    dictionary({
      w: pickle(text("posix"), text("system"), "STACK_GLOBAL"),
    }),
    'found w with "posix.system", which is not imported',
  ],
  "eval": [dictionary({ w: global("builtins", "eval") }), '"builtins.eval"'],
  "a module that contains a known name": [
    dictionary({ w: global("torch._utils\u0000", "_rebuild_tensor_v2") }),
    "which is not imported",
  ],
  "STACK_GLOBAL of numbers": [
    dictionary({ w: pickle(int(1), int(2), "STACK_GLOBAL") }),
    '"1 and 2", which is not imported',
  ],
  "INST": [
    dictionary({ w: pickle("MARK", text("x"), "INST", raw("os\nsystem\n")) }),
    'with "os.system"',
  ],
  "OBJ": [
    dictionary({ w: pickle("MARK", SYSTEM, text("x"), "OBJ") }),
    'with "os.system"',
  ],
  "NEWOBJ": [
    dictionary({
      w: pickle(global("torch.nn", "Linear"), "EMPTY_TUPLE", "NEWOBJ"),
    }),
    'with "torch.nn.Linear"',
  ],
  "EXT1": [
    dictionary({ w: pickle("EXT1", Uint8Array.of(1)) }),
    'with "extension 1"',
  ],
  "bytes": [
    dictionary({ w: pickle("SHORT_BINBYTES", Uint8Array.of(0)) }),
    "expected a state dict, alone or among other things, but found w",
  ],
  "an unknown opcode": [pickle(Uint8Array.of(0xff)), "instruction 0xff"],
  "attributes of a number": [
    dictionary({ w: pickle(int(1), "EMPTY_DICT", "BUILD") }),
    "expected a state dict, alone or among other things, but found w",
  ],
  "a call of a type": [
    dictionary({
      w: pickle(global("torch", "FloatStorage"), "EMPTY_TUPLE", "REDUCE"),
    }),
    'with "torch.FloatStorage"',
  ],
  "a call of a text": [
    dictionary({ w: pickle(text("os.system"), "EMPTY_TUPLE", "REDUCE") }),
    "expected a function to call but found text",
  ],
  "an unset memo": [
    dictionary({ w: pickle("LONG_BINGET", littleEndian(4, 0xffffffff)) }),
    "expected memo 4294967295 to be set",
  ],
  "an empty stack": [pickle("STOP"), "expected a value on the stack"],
  "a text longer than the file": [
    pickle("BINUNICODE", littleEndian(4, 0xffffffff)),
    "expected 4294967295 bytes",
  ],
  "a text longer than memory": [
    pickle("BINUNICODE8", littleEndian(8, 2 ** 60)),
    "bytes at 9 of its pickle but found its end",
  ],
  "an integer of a gigabyte": [
    pickle("LONG4", littleEndian(4, 2 ** 30)),
    "expected 1073741824 bytes at 5 of its pickle but found its end",
  ],
  "protocol 1": [pickle("PROTO", Uint8Array.of(1)), "protocol 2 to 5"],
  "a key that is a list": [
    pickle(...["EMPTY_DICT", "EMPTY_LIST", "NONE", "SETITEM", "STOP"]),
    "expected keys to be text or numbers but found a list",
  ],
  "a list": [
    pickle("EMPTY_LIST", "STOP"),
    "alone or among other things, but found a list",
  ],
  "an unknown persistent object": [
    dictionary({ w: pickle(tuple(text("module"), text("x")), "BINPERSID") }),
    'with "an object outside of the pickle"',
  ],
  "a tensor of a number": [
    dictionary({
      w: pickle(
        global("torch._utils", "_rebuild_tensor_v2"),
        tuple(int(1), int(2)),
        "REDUCE",
      ),
    }),
    'with "torch._utils._rebuild_tensor_v2"',
  ],
  "a tensor beyond its storage": [
    dictionary({ w: tensor({ shape: [7], stride: [1] }) }),
    "expected a storage of more than 6 elements for shape (7) but found 6",
  ],
  "a tensor beyond all memory": [
    dictionary({
      w: tensor({ shape: [2 ** 40, 2 ** 10], stride: [2 ** 10, 1] }),
    }),
    "expected a storage of more than",
  ],
  "one element read a trillion times": [
    dictionary({ w: tensor({ shape: [2 ** 40], stride: [0] }) }),
    "four for each of the file's, but found more up to w",
  ],
  "a negative offset": [
    dictionary({ w: tensor({ shape: [1], stride: [1], offset: -1 }) }),
    'with "torch._utils._rebuild_tensor_v2"',
  ],
  "a storage that is not there": [
    dictionary({ w: tensor({ key: "9", shape: [2], stride: [1] }) }),
    "numbers for w in data/9 but found no such entry",
  ],
  "a path for a storage": [
    dictionary({ w: tensor({ key: "../../x", shape: [2], stride: [1] }) }),
    "in data/../../x but found no such entry",
  ],
  "a storage shorter than it says": [
    dictionary({ w: tensor({ length: 65, shape: [7], stride: [1] }) }),
    "expected 260 bytes of numbers for w in data/0 but found 256",
  ],
  "a type that weights do not have": [
    dictionary({
      w: tensor({ storage: "ComplexFloatStorage", shape: [2], stride: [1] }),
    }),
    "expected w to be one of F32, F64, F16, BF16, I64, I32, I16, I8, U8, BOOL but found C64",
  ],
  "the same numbers many times": [
    dictionary(
      Object.fromEntries(
        Array.from({ length: 400 }, (_, i) => [
          `w${i}`,
          pickle("BINGET", Uint8Array.of(0)),
        ]).with(0, ["w0", pickle(LONG, "BINPUT", Uint8Array.of(0))]) as [
          string,
          Uint8Array,
        ][],
      ),
    ),
    "four for each of the file's, but found more up to",
  ],
};

for (const [name, [data, message]] of Object.entries(REFUSED)) {
  Deno.test(`decodeTorchFile() refuses ${name}`, () => {
    const error = assertThrows(
      () => decode(archive(data, STORAGE)),
      UserError,
      message,
    );
    assertEquals(error.message.startsWith("Cannot read x.pt: expected "), true);
  });
}

/** Archives that are not those of `torch.save`. */
const ARCHIVES: Readonly<Record<string, [Uint8Array<ArrayBuffer>, string]>> = {
  "a compressed archive": [
    archive(dictionary({ w: W }), { ...STORAGE, options: { method: 8 } }),
    "to be stored as PyTorch stores it but found it compressed",
  ],
  "an archive without a pickle": [
    zip({ "archive/version": raw("3\n") }),
    "but found no data.pkl in it",
  ],
  "an archive with two pickles": [
    zip({ "a/data.pkl": raw("."), "b/data.pkl": raw(".") }),
    "but found 2 data.pkl in it",
  ],
  "TorchScript": [
    zip({ "a/data.pkl": raw("."), "a/constants.pkl": raw(".") }),
    "found a TorchScript program",
  ],
  "big-endian numbers": [
    zip({ "a/data.pkl": raw("."), "a/byteorder": raw("big") }),
    'expected little-endian numbers but found "big"',
  ],
  "a directory that is cut off": [
    archive(dictionary({ w: W }), STORAGE).slice(0, -9),
    "expected a zip archive's directory but found none",
  ],
};

for (const [name, [bytes, message]] of Object.entries(ARCHIVES)) {
  Deno.test(`decodeTorchFile() refuses ${name}`, () => {
    assertThrows(() => decode(bytes), UserError, message);
  });
}
