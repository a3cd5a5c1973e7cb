// Ten thousand damaged and malicious files. Whatever a file holds, reading it either
// gives tensors no larger than the file could hold, or is refused by an error that
// names the file; it takes no time to speak of, and nothing that a pickle asks for
// is done. What is tried is a function of its number, so that a failure can be
// repeated.

import { assert, assertEquals } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { words } from "../../src/base/random_sequence.ts";
import { failureOf } from "../../src/base/fail.ts";
import { chooseWeights } from "../../src/weights/choose_weights.ts";
import { findStateDicts } from "../../src/weights/state_dict.ts";
import { decodeTorchFile } from "../../src/weights/torch_file.ts";
import {
  archive,
  dictionary,
  global,
  int,
  joined,
  littleEndian,
  pickle,
  raw,
  tensor,
  text,
  tuple,
} from "../support/pickle_writer.ts";

const CASES = 10_000;

/** Most time that one file may take, in milliseconds; they take a few hundredths. */
const LONGEST = 100;

const NUMBERS = Float32Array.from({ length: 16 }, (_, i) => i);

/** A small file as PyTorch writes it. */
const DATA = dictionary({
  epoch: int(3),
  state_dict: pickle(
    ...["EMPTY_DICT", "BINPUT", Uint8Array.of(1), "MARK"],
    text("module.w"),
    pickle(tensor({ length: 16, shape: [2, 3], stride: [3, 1] }), "BINPUT"),
    Uint8Array.of(2),
    text("module.mu"),
    tensor({ length: 16, shape: [3], stride: [1], offset: 13 }),
    text("module.sigma"),
    tensor({ length: 16, shape: [3], stride: [1], offset: 1 }),
    ...["SETITEMS", "EMPTY_DICT", "BUILD"],
  ),
});

const COMMAND = "touch executed";

/** Pieces of pickles that are put where they do not belong. */
const MALICE: readonly Uint8Array[] = [
  pickle(global("os", "system"), tuple(text(COMMAND)), "REDUCE"),
  pickle(text("os"), text("system"), "STACK_GLOBAL", tuple(text(COMMAND))),
  pickle("MARK", text(COMMAND), "INST", raw("os\nsystem\n")),
  pickle("MARK", global("os", "system"), text(COMMAND), "OBJ"),
  pickle(global("builtins", "eval"), tuple(text("1")), "NEWOBJ"),
  pickle("EMPTY_DICT", "BUILD"),
  pickle("EXT1", Uint8Array.of(1), "EXT4", littleEndian(4, 7)),
  pickle("REDUCE"),
  pickle("BINPERSID"),
  pickle("BINUNICODE", littleEndian(4, 0xfffffff0)),
  pickle("BINUNICODE8", littleEndian(8, 2 ** 62)),
  pickle("LONG4", littleEndian(4, 0x7fffffff)),
  pickle("FRAME", littleEndian(8, 2 ** 62)),
  pickle("LONG_BINPUT", littleEndian(4, 0xffffffff)),
  pickle("LONG_BINGET", littleEndian(4, 0xffffffff)),
  pickle("BINGET", Uint8Array.of(1), "BINGET", Uint8Array.of(1), "SETITEM"),
  pickle(...Array(300).fill("MARK")),
  pickle(...Array(300).fill("EMPTY_LIST"), ...Array(299).fill("APPEND")),
  pickle(...Array(200).fill(["BINGET", Uint8Array.of(2)]).flat(), "TUPLE"),
  tensor({ length: 16, shape: [2 ** 40], stride: [0] }),
  tensor({ length: 2 ** 50, shape: [2 ** 50], stride: [1] }),
  tensor({ length: 16, shape: [4, 4], stride: [1, 1] }),
];

/** A file that something was done to, by the case's own random numbers. */
function mutated(draw: () => number): Uint8Array<ArrayBuffer> {
  const below = (count: number): number => draw() % count;
  const file = (data: Uint8Array) => archive(data, { "data/0": NUMBERS });
  const flipped = (bytes: Uint8Array) => {
    const copy = bytes.slice();
    for (let flips = 1 + below(8); flips > 0; flips--) {
      copy[below(copy.length)]! ^= 1 << below(8);
    }
    return copy;
  };
  const cut = below(DATA.length);
  const kind = below(8);
  if (kind === 0) return flipped(file(DATA)) as Uint8Array<ArrayBuffer>;
  if (kind === 1) {
    const whole = file(DATA);
    return whole.slice(0, below(whole.length));
  }
  if (kind === 2) return file(flipped(DATA));
  if (kind === 3) {
    const swapped = DATA.slice();
    swapped[cut] = below(256);
    return file(swapped);
  }
  if (kind === 4) {
    return file(joined([DATA.slice(0, cut), DATA.slice(cut + 1 + below(20))]));
  }
  if (kind === 5) {
    const piece = DATA.slice(cut, cut + below(60));
    const to = below(DATA.length);
    return file(joined([DATA.slice(0, to), piece, DATA.slice(to)]));
  }
  if (kind === 6) {
    const noise = Uint8Array.from({ length: 1 + below(64) }, () => below(256));
    return file(joined([DATA.slice(0, cut), noise]));
  }
  const piece = MALICE[below(MALICE.length)]!;
  return file(joined([DATA.slice(0, cut), piece, DATA.slice(cut)]));
}

/** The shapes that an evaluation would look for. */
const OWN = new Map([["w", [2, 3]]]);

/** Reads a file as an evaluation would, and all else; the bytes of its tensors. */
function read(bytes: Uint8Array<ArrayBuffer>): number {
  const fail = failureOf("x.pt");
  const { value, unknown, read } = decodeTorchFile(bytes, "x.pt");
  const dicts = findStateDicts(value, { unknown, fail })
    .map(({ path, tensors }) => ({ path, tensors: read(tensors) }));
  const { tensors } = chooseWeights(dicts, { own: OWN, fail });
  return [...tensors.values()].reduce(
    (sum, { data }) => sum + 4 * data.length,
    0,
  );
}

/** What reading a file came to: tensors, or the error that refused it. */
function outcome(bytes: Uint8Array<ArrayBuffer>): number | Error {
  try {
    return read(bytes);
  } catch (error) {
    return error as Error;
  }
}

/** Milliseconds of the fastest of five readings: a machine may pause for seconds. */
function fastest(bytes: Uint8Array<ArrayBuffer>): number {
  return Math.min(...Array.from({ length: 5 }, () => {
    const start = performance.now();
    outcome(bytes);
    return performance.now() - start;
  }));
}

Deno.test(`decodeTorchFile() reads or refuses ${CASES} damaged and malicious files`, () => {
  assertEquals(read(archive(DATA, { "data/0": NUMBERS })), 24);
  let accepted = 0;
  const refusals = new Map<string, number>();
  for (let number = 0; number < CASES; number++) {
    const numbers = words({ seed: 1, stream: "fuzz", step: number }, 128);
    let drawn = 0;
    const bytes = mutated(() => numbers[drawn++ % numbers.length]!);
    const start = performance.now();
    const found = outcome(bytes);
    if (performance.now() - start > LONGEST) {
      assert(fastest(bytes) < LONGEST, `case ${number} takes long`);
    }
    if (typeof found === "number") {
      assert(found <= 4 * bytes.length, `case ${number}: ${found} bytes`);
      accepted++;
      continue;
    }
    const { message } = found;
    assert(
      found instanceof UserError &&
        message.startsWith("Cannot read x.pt: expected "),
      `case ${number}: ${found}`,
    );
    const kind = message.split(" ").slice(4, 9).join(" ");
    refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
  }
  // Some damage falls on numbers, names or what is not looked at; most does not.
  assert(accepted > 100 && accepted < CASES / 2, `${accepted} accepted`);
  assert(refusals.size > 20, `${refusals.size} kinds of refusal`);
});
