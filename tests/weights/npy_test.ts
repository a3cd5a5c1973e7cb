// Arrays as NumPy saves them (tests/fixtures/make_npy.py), and what is refused.

import { assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { decodeNpy } from "../../src/weights/npy.ts";
import { readTensor } from "../../src/weights/tensor_file.ts";
import { withFolder } from "../support/temporary_folder.ts";

const FILES: Readonly<Record<string, string>> = JSON.parse(
  await Deno.readTextFile(
    fromFileUrl(new URL("../fixtures/npy.json", import.meta.url)),
  ),
);

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(FILES[name]!), (c) => c.charCodeAt(0));
}

const NUMBERS = [0.5, -1.25, 2, 3.5, 100, -0.125], WHOLE = [0, 1, 2, 3, 4, 5];

for (
  const name of ["f2", "f4", "f8", "u1", "i1", "i2", "i4", "i8"] as const
) {
  Deno.test(`readTensor() reads what NumPy saves as ${name}`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "array.npy");
      await Deno.writeFile(path, bytesOf(name));
      const { shape, bytes, floats } = await readTensor(path, "any");
      assertEquals(shape, [2, 3]);
      assertEquals([...floats()], name.startsWith("f") ? NUMBERS : WHOLE);
      assertEquals(bytes && [...bytes], name === "u1" ? WHOLE : null);
    });
  });
}

Deno.test("decodeNpy() reads versions 2 and 3 as version 1, and arrays of one axis", () => {
  const one = decodeNpy(bytesOf("f4"), "one");
  for (const version of ["version 2", "version 3"]) {
    const other = decodeNpy(bytesOf(version), version);
    assertEquals([...other.bytes], [...one.bytes]);
    assertEquals(other.shape, one.shape);
  }
  assertEquals(decodeNpy(bytesOf("one axis"), "one axis").shape, [1]);
});

const REFUSED: Readonly<Record<string, string>> = {
  "columns first": "expected C order but found Fortran order",
  "big-endian": "expected one of the types <f2, <f4",
  "complex": "but found <c8",
  "objects": "but found |O",
};

for (const [name, message] of Object.entries(REFUSED)) {
  Deno.test(`decodeNpy() refuses an array of another kind: ${name}`, () => {
    assertThrows(() => decodeNpy(bytesOf(name), "a.npy"), UserError, message);
  });
}

Deno.test("decodeNpy() refuses a file that was cut off anywhere, longer ones and others", () => {
  const whole = bytesOf("f4");
  for (let length = 0; length < whole.length; length++) {
    assertThrows(() => decodeNpy(whole.slice(0, length), "cut"), UserError);
  }
  const longer = Uint8Array.of(...whole, 0);
  assertThrows(
    () => decodeNpy(longer, "a.npy"),
    UserError,
    "expected 24 bytes for an array of (2, 3) but found 25",
  );
  const later = whole.slice();
  later[6] = 4;
  assertThrows(() => decodeNpy(later, "a.npy"), UserError, "found 4");
});
