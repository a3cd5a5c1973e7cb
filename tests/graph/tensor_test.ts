// Variables and where they live: slices of flat ones, at offsets that every device
// accepts.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  flatten,
  formatType,
  overlaps,
  sameShape,
  sizeOf,
  Variable,
} from "../../src/graph/tensor.ts";

Deno.test("new Variable() refuses sizes that are not positive whole numbers", () => {
  for (const shape of [[0], [2, -1], [1.5], [NaN], [2, Infinity]]) {
    assertThrows(
      () => new Variable("x", shape),
      RangeError,
      `Cannot make a tensor: expected positive whole sizes but found (${
        shape.join(", ")
      })`,
    );
  }
  assertEquals(new Variable("x", []).byteLength, 4);
});

Deno.test("new Variable() keeps its shape when the caller's array changes", () => {
  const shape = [2, 3];
  const x = new Variable("x", shape);
  shape[0] = 7;
  assertEquals(x.shape, [2, 3]);
});

Deno.test("flatten() lays variables side by side at multiples of 256 bytes", () => {
  const parts = [[64], [65], [], [3, 3]].map((shape, i) =>
    new Variable(`part ${i}`, shape)
  );
  const flat = flatten("flat", parts);
  assertEquals(parts.map(({ byteOffset }) => byteOffset), [0, 256, 768, 1024]);
  assertEquals(flat.byteLength, 1280);
  assert(
    parts.every(({ root, rootBytes }) => root === flat && rootBytes === 1280),
  );
  assertEquals(flat.root, flat);
});

Deno.test("Variable.placeIn() refuses a second place and one beyond the end", () => {
  const flat = new Variable("flat", [64]);
  const part = flat.slice("part", 128, { dtype: "u32", shape: [32] });
  assertEquals([part.dtype, part.byteLength], ["u32", 128]);
  assertThrows(
    () => part.placeIn(new Variable("other", [64]), 0),
    TypeError,
    "Cannot place part: it is in flat already",
  );
  assertThrows(
    () => flat.slice("tail", 132, { dtype: "f32", shape: [32] }),
    RangeError,
    "Cannot place tail: expected it to end within 256 bytes but found 260",
  );
});

Deno.test("overlaps() looks at bytes of one root", () => {
  const flat = new Variable("flat", [8]);
  const part = (from: number, count: number) =>
    flat.slice(`${from}`, 4 * from, { dtype: "f32", shape: [count] });
  assert(overlaps(part(0, 4), part(3, 1)));
  assert(overlaps(part(2, 2), flat) && overlaps(flat, part(2, 2)));
  assert(
    !overlaps(part(0, 4), part(4, 4)) && !overlaps(part(4, 4), part(0, 4)),
  );
  assert(!overlaps(new Variable("a", [8]), new Variable("a", [8])));
});

Deno.test("sizeOf(), sameShape() and formatType() treat a scalar as a shape", () => {
  assertEquals([sizeOf([]), sizeOf([2, 3, 4])], [1, 24]);
  assert(sameShape([], []) && sameShape([2, 3], [2, 3]));
  assert(!sameShape([2, 3], [3, 2]) && !sameShape([2], [2, 1]));
  assertEquals(formatType({ dtype: "u32", shape: [] }), "u32 ()");
  assertEquals(formatType({ dtype: "f32", shape: [2, 3] }), "f32 (2, 3)");
});
