// Small files that ask for much memory: refused, in a process whose memory is bounded.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { failureOf } from "../../src/base/fail.ts";
import { zipEntries } from "../../src/weights/zip_archive.ts";
import {
  archive,
  dictionary,
  global,
  joined,
  littleEndian,
  pickle,
  raw,
  tensor,
  zip,
} from "../support/pickle_writer.ts";
import { withFolder } from "../support/temporary_folder.ts";

const MEBIBYTE = 2 ** 20;

/** A pickle that ends after so many bytes of the same instructions. */
function repeated(
  piece: Uint8Array,
  { before = new Uint8Array() }: { readonly before?: Uint8Array } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 * MEBIBYTE);
  const start = joined([pickle("PROTO", Uint8Array.of(2)), before]);
  bytes.set(start);
  for (let at = start.length; at + piece.length < bytes.length;) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const MEMO = pickle("BINPUT", Uint8Array.of(0));
const RECALL = pickle("BINGET", Uint8Array.of(0));
const LONG_LIST = joined([
  pickle("EMPTY_LIST", "MARK"),
  ...Array(10_000).fill(pickle("NONE")),
  pickle("APPENDS"),
  MEMO,
]);
const MAKE = global("collections", "OrderedDict");

/** Pickles of 12 MiB that would take gigabytes. */
const LARGE: Readonly<Record<string, Uint8Array>> = {
  dictionaries: repeated(pickle("EMPTY_DICT")),
  lists: repeated(pickle("EMPTY_LIST")),
  sets: repeated(pickle("EMPTY_SET")),
  tuples: repeated(pickle("TUPLE1"), { before: pickle("NONE") }),
  marks: repeated(pickle("MARK")),
  memos: repeated(pickle("MEMOIZE"), { before: pickle("NONE") }),
  "the same value": repeated(RECALL, { before: pickle("NONE", MEMO) }),
  bytes: repeated(pickle("SHORT_BINBYTES", Uint8Array.of(0))),
  integers: repeated(
    pickle("LONG1", Uint8Array.of(5), new Uint8Array(5).fill(9)),
  ),
  "copies of a list": repeated(pickle(MAKE, RECALL, "TUPLE1", "REDUCE"), {
    before: LONG_LIST,
  }),
  unknowns: repeated(pickle(global("a", "b"))),
  "nested lists": repeated(pickle("EMPTY_LIST", "MARK")),
};

Deno.test("decodeTorchFile() bounds the memory of what pickles and tensors claim", () =>
  withFolder(async (folder) => {
    const numbers = new Float32Array(2 * MEBIBYTE);
    const growing = Array.from({ length: 3000 }, (_, i) => {
      const length = numbers.length - 3000 + i;
      return [`w${i}`, tensor({ length, shape: [1], stride: [1] })] as const;
    });
    const files = Object.entries({
      ...Object.fromEntries(
        Object.entries(LARGE).map(([name, data]) => [name, archive(data, {})]),
      ),
      "one storage": archive(dictionary(Object.fromEntries(growing)), {
        "data/0": numbers,
      }),
    });
    const paths: string[] = [];
    for (const [name, bytes] of files) {
      paths.push(`${folder}/${name}.pt`);
      await Deno.writeFile(paths.at(-1)!, bytes);
    }
    const script = new URL("../support/read_torch_files.ts", import.meta.url);
    const { stdout, stderr } = await new Deno.Command("deno", {
      args: [
        ...["run", "--no-check", "--allow-read"],
        ...[
          "--v8-flags=--max-old-space-size=300",
          fromFileUrl(script),
          ...paths,
        ],
      ],
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(
      lines.length,
      files.length + 1,
      new TextDecoder().decode(stderr),
    );
    for (const [i, name] of Object.keys(LARGE).entries()) {
      assert(
        lines[i]!.startsWith(
          "Cannot read x.pt: expected a pickle that takes at",
        ),
        `${name}: ${lines[i]}`,
      );
    }
    assertEquals(lines.at(-2), "3000 numbers");
    assert(Number(lines.at(-1)) < 700, `${lines.at(-1)} MiB`);
  }));

Deno.test("zipEntries() refuses entries that share bytes", () => {
  const bytes = zip({ "a/x": raw("0123456789"), "a/y": raw("abcdefghij") });
  const fail = failureOf("x.pt");
  assertEquals(zipEntries(bytes, fail).size, 2);
  // Where the directory says that the second entry begins.
  const directory = bytes.findLastIndex((_, i) =>
    [0x50, 0x4b, 1, 2].every((byte, k) => bytes[i + k] === byte)
  );
  bytes.set(littleEndian(4, 0), directory + 42);
  assertThrows(
    () => zipEntries(bytes, fail),
    UserError,
    "Cannot read x.pt: expected entries apart but found a/x and a/y in one place",
  );
});
